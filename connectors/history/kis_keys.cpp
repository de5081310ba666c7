// {"approval_key":"..."} and {"access_token":"...","token_type":"Bearer","expires_in":86400}; a
// refusal is {"error_code":"EGW00133","error_description":"..."}.
#include "connectors/history/kis_keys.hpp"

#include "connectors/history/equity_body.hpp"
#include "connectors/json_text.hpp"

namespace spill::kis_keys {
namespace {

std::string body_of(const Credentials& credentials, std::string_view secret_name) {
    std::string body = R"({"grant_type":"client_credentials","appkey":)";
    append_json_string(body, credentials.key);
    body += ",\"" + std::string(secret_name) + "\":";
    append_json_string(body, credentials.secret);
    return body + "}";
}

Result<std::string> parse(std::string_view body, std::string_view name) {
    equity_body::Body opened(body);
    json::od::object root;
    if (!opened.open(root)) return equity_body::not_readable("kis");
    json::Token pass;
    json::Token words;
    BadReason const bad =
        json::for_each_field(root, [&](json::od::raw_json_string key, json::od::value& field) {
            if (key.unsafe_is_equal(name)) return json::read_text(field, pass);
            if (key.unsafe_is_equal("error_description")) return json::read_text(field, words);
            return json::pass_over(field);
        });
    if (!words.words().empty()) return equity_body::refusal("kis", words.words());
    if (bad != BadReason::None || pass.words().empty()) return equity_body::not_readable("kis");
    return std::string(pass.words());
}

}  // namespace

std::string approval_body(const Credentials& credentials) {
    return body_of(credentials, "secretkey");
}

std::string token_body(const Credentials& credentials) { return body_of(credentials, "appsecret"); }

Result<std::string> parse_approval(std::string_view body) { return parse(body, "approval_key"); }

Result<std::string> parse_token(std::string_view body) { return parse(body, "access_token"); }

}  // namespace spill::kis_keys
