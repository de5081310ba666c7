// Any bytes after the upgrade: frames, messages and requests, whatever the read boundaries are.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "daemon/gateway/request_reader.hpp"
#include "daemon/gateway/ws_frame.hpp"

namespace {

using namespace spill;

void read(std::string_view text) {
    static RequestReader reader;
    SubscriberRequest request;
    Rejection rejection;
    if (!reader.read(text, request, rejection)) {
        if (rejection.code.empty() || rejection.message.empty()) std::abort();
        if (make_reject(rejection).size() > 2048) std::abort();
        return;
    }
    if (request.types == 0 || request.keys.size() > kMaxKeys) std::abort();
    if (!make_ack(request, 1).ends_with("}")) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view bytes(reinterpret_cast<const char*>(data), size);
    read(bytes);
    if (bytes.empty()) return 0;
    // The first byte says how large the reads are.
    std::size_t const step = 1 + static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    FrameReader frames(kMaxInboundBytes);
    while (!bytes.empty()) {
        std::string_view const part = bytes.substr(0, std::min(step, bytes.size()));
        bytes.remove_prefix(part.size());
        frames.append(part);
        for (;;) {
            InboundFrame const frame = frames.next();
            if (frame.event == FrameEvent::NeedMore) break;
            if (frame.event == FrameEvent::Fail) {
                if (frame.code < 1002 || frame.code > 1009) std::abort();
                return 0;
            }
            if (frame.payload.size() > kMaxInboundBytes) std::abort();
            if (frame.event == FrameEvent::Text) {
                if (!valid_utf8(frame.payload)) std::abort();
                read(frame.payload);
            }
        }
    }
    return 0;
}
