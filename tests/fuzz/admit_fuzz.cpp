// Any bytes as an HTTP request: judged without a crash, the same way twice, and let in only when
// everything that must be there is there.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/gateway/admit.hpp"
#include "daemon/gateway/query.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace spill;
    std::string_view const bytes(reinterpret_cast<const char*>(data), size);
    HttpRequest request;
    if (parse_request(bytes, request) != HttpParse::Done) return 0;
    if (request.size > size) std::abort();
    static std::vector<std::string> const origins{"https://bots.example"};
    AdmitContext const context{.local_address = "127.0.0.1",
                               .port = 8787,
                               .allowed_origins = origins,
                               .subscribers = 1,
                               .max_subscribers = 2};
    Verdict const verdict = admit(request, context);
    if (admit(request, context).refusal != verdict.refusal) std::abort();
    if (verdict.refusal != Refusal::None) {
        if (verdict.status < 400 || verdict.why.empty()) std::abort();
        return 0;
    }
    if (request.method != "GET" || request.count("Host") != 1) std::abort();
    if (request.count("Origin") > 1 || request.count("Content-Length") != 0) std::abort();
    if (auto const origin = request.find("Origin")) {
        if (origin->empty() || *origin == "null") std::abort();
    }
    if (verdict.route == Route::Stream &&
        !valid_websocket_key(*request.find("Sec-WebSocket-Key"))) {
        std::abort();
    }
    Query query;
    std::string why;
    if (parse_query(request.target, query, why)) {
        if (query.limit == 0 || query.limit > kMaxQueryLimit || query.types == 0) std::abort();
    } else if (why.empty()) {
        std::abort();
    }
    return 0;
}
