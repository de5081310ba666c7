#include "daemon/gateway/http.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace spill;
using namespace std::string_literals;

namespace {

HttpParse parse(const std::string& bytes) {
    HttpRequest request;
    return parse_request(bytes, request);
}

}  // namespace

TEST_CASE("a request is taken apart, and what follows it is left alone") {
    std::string const bytes =
        "GET /v1/stream?x=1 HTTP/1.1\r\nHost: 127.0.0.1:8787\r\nCONNECTION:  keep-alive , "
        "Upgrade \t\r\nEmpty:\r\n\r\nrest";
    HttpRequest request;
    REQUIRE(parse_request(bytes, request) == HttpParse::Done);
    CHECK(request.method == "GET");
    CHECK(request.target == "/v1/stream?x=1");
    CHECK(request.minor_version == 1);
    CHECK(request.header_count == 3);
    CHECK(request.find("host") == "127.0.0.1:8787");
    CHECK(request.find("empty") == "");
    CHECK_FALSE(request.find("origin").has_value());
    CHECK(request.lists("connection", "upgrade"));
    CHECK_FALSE(request.lists("connection", "keep"));
    CHECK(bytes.substr(request.size) == "rest");
}

TEST_CASE("every prefix of a good request asks for more") {
    std::string const bytes = "GET / HTTP/1.0\r\nHost: localhost\r\n\r\n";
    for (std::size_t n = 0; n < bytes.size(); ++n) {
        CAPTURE(n);
        CHECK(parse(bytes.substr(0, n)) == HttpParse::NeedMore);
    }
    CHECK(parse(bytes) == HttpParse::Done);
}

TEST_CASE("what HTTP/1.1 does not allow is malformed") {
    std::vector<std::string> const table = {
        "\x16\x03\x01\x02\x00\x01",
        "GET /\r\n\r\n",
        "GET / HTTP/2.0\r\n\r\n",
        "GET / HTTP/1.2\r\n\r\n",
        "GET / http/1.1\r\n\r\n",
        "GET  HTTP/1.1\r\n\r\n",
        "GET /a b HTTP/1.1\r\n\r\n",
        "G(T / HTTP/1.1\r\n\r\n",
        "GET /\x7f HTTP/1.1\r\n\r\n",
        "GET /\xc3\xa4 HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost\r\n\r\n",
        "GET / HTTP/1.1\r\nHost : x\r\n\r\n",
        "GET / HTTP/1.1\r\n Host: x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n",
        "GET / HTTP/1.1\r\n: x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\nb: c\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n"s,
        "GET / HTTP/1.1\nHost: a\n\r\n\r\n",
        " GET / HTTP/1.1\r\n\r\n",
    };
    for (const std::string& bytes : table) {
        CAPTURE(bytes);
        CHECK(parse(bytes) == HttpParse::Malformed);
    }
}

TEST_CASE("a header beyond its bounds is refused, one within them is not") {
    std::string const start = "GET / HTTP/1.1\r\nX: ";
    std::string const end = "\r\n\r\n";
    std::string const fill(kMaxRequestBytes - start.size() - end.size(), 'x');
    CHECK(parse(start + fill + end) == HttpParse::Done);
    CHECK(parse(start + fill + "x" + end) == HttpParse::TooLarge);
    CHECK(parse(std::string(kMaxRequestBytes, 'G')) == HttpParse::TooLarge);
    std::string many = "GET / HTTP/1.1\r\n";
    for (std::size_t i = 0; i < HttpRequest::kMaxHeaders; ++i) many += "a: b\r\n";
    CHECK(parse(many + "\r\n") == HttpParse::Done);
    CHECK(parse(many + "a: b\r\n\r\n") == HttpParse::Malformed);
}

TEST_CASE("the accept value is the one of RFC 6455 section 1.3") {
    CHECK(websocket_accept("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST_CASE("a websocket key is sixteen bytes in base64 and nothing else") {
    CHECK(valid_websocket_key("dGhlIHNhbXBsZSBub25jZQ=="));
    CHECK(valid_websocket_key("AAAAAAAAAAAAAAAAAAAAAA=="));
    CHECK_FALSE(valid_websocket_key(""));
    CHECK_FALSE(valid_websocket_key("dGhlIHNhbXBsZSBub25jZR=="));
    CHECK_FALSE(valid_websocket_key("dGhlIHNhbXBsZSBub25jZQ="));
    CHECK_FALSE(valid_websocket_key("dGhlIHNhbXBsZSBub25j\r\n=="));
    CHECK_FALSE(valid_websocket_key("dGhlIHNhbXBsZSBub25jZQ==="));
}

TEST_CASE("an answer names its length and ends the connection") {
    std::string const reply = make_reply(HttpReply{
        .status = 405, .content_type = "text/plain", .extra = "Allow: GET\r\n", .body = "no\n"});
    CHECK(reply.starts_with("HTTP/1.1 405 Method Not Allowed\r\n"));
    CHECK(reply.find("\r\nContent-Length: 3\r\n") != std::string::npos);
    CHECK(reply.find("\r\nAllow: GET\r\nConnection: close\r\n\r\nno\n") != std::string::npos);
    CHECK(reply.find("Access-Control") == std::string::npos);
}

TEST_CASE("a subprotocol is answered only when it was offered") {
    std::string const key = "dGhlIHNhbXBsZSBub25jZQ==";
    CHECK(make_switch_reply(key, "").find("Protocol:") == std::string::npos);
    CHECK(make_switch_reply(key, "spillover.v1").find("Sec-WebSocket-Protocol: spillover.v1\r\n") !=
          std::string::npos);
}
