#include "daemon/gateway/admit.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

using namespace spill;

namespace {

const std::vector<std::string> kNoOrigins;

AdmitContext on(std::string_view address) {
    return AdmitContext{.local_address = address,
                        .port = 8787,
                        .allowed_origins = kNoOrigins,
                        .subscribers = 0,
                        .max_subscribers = 2};
}

Verdict judge(const std::string& bytes, const AdmitContext& context) {
    HttpRequest request;
    REQUIRE(parse_request(bytes, request) == HttpParse::Done);
    return admit(request, context);
}

std::string get(const std::string& target, const std::string& headers) {
    return "GET " + target + " HTTP/1.1\r\n" + headers + "\r\n";
}

const std::string kHost = "Host: 127.0.0.1:8787\r\n";
const std::string kUpgrade =
    "Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

struct HostCase {
    const char* host;
    bool ours;
};

}  // namespace

TEST_CASE("a host is ours by address or by the one name, never by resemblance") {
    for (const HostCase& row : {
             HostCase{"127.0.0.1", true},
             HostCase{"127.0.0.1:8787", true},
             HostCase{"localhost", true},
             HostCase{"localhost:8787", true},
             HostCase{"127.0.0.1:80", false},
             HostCase{"127.0.0.1:08787", false},
             HostCase{"127.0.0.1:", false},
             HostCase{"127.0.0.1:8787:8787", false},
             HostCase{"127.0.0.1:87870", false},
             HostCase{"127.0.0.1:+8787", false},
             HostCase{"127.0.0.2", false},
             HostCase{"127.1", false},
             HostCase{"0x7f.0.0.1", false},
             HostCase{"0177.0.0.1", false},
             HostCase{"2130706433", false},
             HostCase{"127.0.0.01", false},
             HostCase{"127.0.0.1.", false},
             HostCase{"127.0.0.1.evil.example", false},
             HostCase{"0.0.0.0", false},
             HostCase{"localhost6", false},
             HostCase{"localhost.", false},
             HostCase{"LOCALHOST", false},
             HostCase{"localhost.evil.example", false},
             HostCase{"evil.localhost", false},
             HostCase{"xlocalhost", false},
             HostCase{"evil.example", false},
             HostCase{"user@127.0.0.1", false},
             HostCase{"[::1]:8787", false},
             HostCase{"[::ffff:127.0.0.1]:8787", false},
             HostCase{"[127.0.0.1]", false},
             HostCase{"[localhost]", false},
             HostCase{"::1", false},
             HostCase{"[", false},
             HostCase{"[]", false},
             HostCase{":8787", false},
             HostCase{"", false},
         }) {
        CAPTURE(row.host);
        CHECK(host_is_ours(row.host, on("127.0.0.1")) == row.ours);
    }
}

TEST_CASE("on an IPv6 address the literal needs its brackets") {
    for (const HostCase& row :
         {HostCase{"[::1]", true}, HostCase{"[::1]:8787", true}, HostCase{"localhost:8787", true},
          HostCase{"[0:0:0:0:0:0:0:1]:8787", true}, HostCase{"::1", false},
          HostCase{"[::1]8787", false}, HostCase{"[::1]:1", false}, HostCase{"[::1%lo]", false},
          HostCase{"127.0.0.1:8787", false}}) {
        CAPTURE(row.host);
        CHECK(host_is_ours(row.host, on("::1")) == row.ours);
    }
    CHECK_FALSE(host_is_ours("localhost:8787", on("192.168.1.5")));
    CHECK(host_is_ours("192.168.1.5:8787", on("192.168.1.5")));
}

TEST_CASE("a page of another origin is kept out and a bot without one is let in") {
    struct Case {
        const char* origin;
        Refusal refusal;
    };
    for (const Case& row : {
             Case{"http://127.0.0.1:8787", Refusal::None},
             Case{"http://localhost:8787", Refusal::None},
             Case{"null", Refusal::Origin},
             Case{"", Refusal::Origin},
             Case{"http://evil.example", Refusal::Origin},
             Case{"http://127.0.0.1.evil", Refusal::Origin},
             Case{"http://127.0.0.1.evil:8787", Refusal::Origin},
             Case{"http://localhost6:8787", Refusal::Origin},
             Case{"http://localhost", Refusal::Origin},
             Case{"http://localhost:3000", Refusal::Origin},
             Case{"http://localhost:8787/", Refusal::Origin},
             Case{"http://localhost:8787@evil.example", Refusal::Origin},
             Case{"https://127.0.0.1:8787", Refusal::Origin},
             Case{"HTTP://127.0.0.1:8787", Refusal::Origin},
             Case{"file://", Refusal::Origin},
             Case{"127.0.0.1:8787", Refusal::Origin},
             Case{"http://127.0.0.1:8787, http://evil.example", Refusal::Origin},
             Case{"http://[::ffff:127.0.0.1]:8787", Refusal::Origin},
         }) {
        CAPTURE(row.origin);
        std::string const origin = std::string("Origin: ") + row.origin + "\r\n";
        for (const char* const target : {"/metrics", "/v1/stream"}) {
            Verdict const verdict = judge(get(target, kHost + origin + kUpgrade), on("127.0.0.1"));
            CHECK(verdict.refusal == row.refusal);
            if (row.refusal != Refusal::None) CHECK(verdict.status == 403);
        }
    }
    std::string const twice = "Origin: http://localhost:8787\r\n";
    CHECK(judge(get("/v1/stream", kHost + twice + twice + kUpgrade), on("127.0.0.1")).refusal ==
          Refusal::Origin);
    CHECK(judge(get("/v1/stream", kHost + kUpgrade), on("127.0.0.1")).status == 101);
}

TEST_CASE("an origin of the configuration is allowed by its exact text") {
    std::vector<std::string> const origins = {"https://desk.example"};
    AdmitContext context = on("127.0.0.1");
    context.allowed_origins = origins;
    auto const with = [&](const std::string& origin) {
        return judge(get("/metrics", kHost + "Origin: " + origin + "\r\n"), context).refusal;
    };
    CHECK(with("https://desk.example") == Refusal::None);
    CHECK(with("https://desk.example:444") == Refusal::Origin);
    CHECK(with("https://desk.example.evil") == Refusal::Origin);
}

TEST_CASE("a request is judged in the order method, body, host, origin, path, version, limit") {
    AdmitContext full = on("127.0.0.1");
    full.subscribers = 2;
    struct Case {
        std::string bytes;
        Refusal refusal;
        int status;
    };
    std::string const bad_host = "Host: evil.example\r\n";
    std::string const bad_origin = "Origin: null\r\n";
    for (const Case& row : {
             Case{"POST /x HTTP/1.1\r\nContent-Length: 1\r\n" + bad_host + "\r\n", Refusal::Method,
                  405},
             Case{"get /metrics HTTP/1.1\r\n" + kHost + "\r\n", Refusal::Method, 405},
             Case{"HEAD /metrics HTTP/1.1\r\n" + kHost + "\r\n", Refusal::Method, 405},
             Case{get("/x", "Content-Length: 0\r\n" + bad_host), Refusal::Body, 400},
             Case{get("/x", "Transfer-Encoding: chunked\r\n" + kHost), Refusal::Body, 400},
             Case{get("/x", ""), Refusal::Host, 400},
             Case{get("/x", kHost + kHost), Refusal::Host, 400},
             Case{get("/x", bad_host + bad_origin), Refusal::Host, 403},
             Case{get("/x", kHost + bad_origin), Refusal::Origin, 403},
             Case{get("/x", kHost), Refusal::Path, 404},
             Case{get("/", kHost), Refusal::Path, 404},
             Case{get("/metrics/", kHost), Refusal::Path, 404},
             Case{get("//metrics", kHost), Refusal::Path, 404},
             Case{get("/%6detrics", kHost), Refusal::Path, 404},
             Case{get("http://127.0.0.1:8787/metrics", kHost), Refusal::Path, 404},
             Case{get("/v1/stream", kHost), Refusal::Version, 426},
             Case{get("/v1/stream", kHost + "Upgrade: h2c\r\nConnection: Upgrade\r\n"),
                  Refusal::Version, 426},
             Case{"GET /v1/stream HTTP/1.0\r\n" + kHost + kUpgrade + "\r\n", Refusal::Version, 426},
             Case{get("/v1/stream", kHost + "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                                            "Sec-WebSocket-Version: 8\r\n"),
                  Refusal::Version, 426},
             Case{
                 get("/v1/stream", kHost + "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                                           "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x\r\n"),
                 Refusal::Version, 400},
             Case{get("/v1/stream", kHost + kUpgrade), Refusal::Limit, 503},
             Case{get("/metrics", kHost), Refusal::None, 200},
             Case{get("/metrics?name=up", kHost), Refusal::None, 200},
             Case{get("/healthz", kHost), Refusal::None, 200},
             Case{get("/readyz", kHost), Refusal::None, 200},
         }) {
        CAPTURE(row.bytes);
        Verdict const verdict = judge(row.bytes, full);
        CHECK(verdict.refusal == row.refusal);
        CHECK(verdict.status == row.status);
        CHECK(verdict.why.empty() == (row.refusal == Refusal::None));
    }
}

TEST_CASE("every refusal has a label of its own") {
    std::vector<std::string_view> labels;
    for (int i = 0; i < kRefusals; ++i) {
        std::string_view const label = to_string(static_cast<Refusal>(i));
        for (std::string_view const other : labels) CHECK(other != label);
        labels.push_back(label);
    }
}
