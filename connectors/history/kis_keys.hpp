// How KIS turns the operator's two keys into the passes that its interfaces want: one for the
// websocket, one for REST. Both are POST requests with a JSON body, valid for a day.
//
// Pure: the bodies that we send and the meaning of the answers. The bodies hold secrets and must
// not be logged. The venue gives an approval key once a second at most, a token once a minute.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "connectors/codec.hpp"
#include "core/error.hpp"

namespace spill::kis_keys {

inline constexpr std::string_view kHost = "openapi.koreainvestment.com";
inline constexpr std::string_view kPort = "9443";
inline constexpr std::string_view kApprovalPath = "/oauth2/Approval";
inline constexpr std::string_view kTokenPath = "/oauth2/tokenP";
inline constexpr std::chrono::hours kLifetime{23};  // documented: 24

// The two requests call the same secret by different names.
[[nodiscard]] std::string approval_body(const Credentials& credentials);
[[nodiscard]] std::string token_body(const Credentials& credentials);

// The key that subscribe requests carry.
[[nodiscard]] Result<std::string> parse_approval(std::string_view body);
// Credentials::token of the REST requests.
[[nodiscard]] Result<std::string> parse_token(std::string_view body);

}  // namespace spill::kis_keys
