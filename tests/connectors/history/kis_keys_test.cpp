#include "connectors/history/kis_keys.hpp"

#include <string>

#include <doctest/doctest.h>

#include "tests/support/frames.hpp"

using namespace spill;

TEST_CASE("the two kis passes are asked for with the names that each request wants") {
    Credentials const keys{.key = "zed", .secret = "y\"d", .token = {}};
    CHECK(kis_keys::approval_body(keys) ==
          R"({"grant_type":"client_credentials","appkey":"zed","secretkey":"y\"d"})");
    CHECK(kis_keys::token_body(keys) ==
          R"({"grant_type":"client_credentials","appkey":"zed","appsecret":"y\"d"})");
}

TEST_CASE("a kis pass is read, a refusal has the venue's words, and no message holds a pass") {
    CHECK(*kis_keys::parse_approval(R"({"approval_key":"abc"})") == "abc");
    CHECK(*kis_keys::parse_token(R"({"access_token":"t","expires_in":86400})") == "t");
    auto const refused =
        kis_keys::parse_token(R"({"error_code":"EGW00133","error_description":"once a minute"})");
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().message == "kis: once a minute");
    for (std::string const body :
         {"", "[]", "{}", R"({"approval_key":7})", R"({"approval_key":"secret-word")"}) {
        INFO(body);
        auto const got = kis_keys::parse_approval(body);
        REQUIRE_FALSE(got.has_value());
        CHECK(got.error().message.find("secret-word") == std::string::npos);
    }
}

TEST_CASE("the recorded kis approval is read") {
    auto const folder = test::shared_path("wire/kis-krx");
    if (folder.empty()) return test::skip("kis approval", "no recorded answers here");
    auto const got = kis_keys::parse_approval(test::read_whole(folder / "approval_reply.json"));
    REQUIRE(got.has_value());
    CHECK(got->starts_with("a2585daf"));
    Credentials const keys{.key = "APPKEY", .secret = "APPSECRET", .token = {}};
    std::string recorded = test::read_whole(folder / "approval_request.json");
    while (!recorded.empty() && recorded.back() == '\n') recorded.pop_back();
    CHECK(kis_keys::approval_body(keys) == recorded);
}
