// From the text of a subscriber to a request, or to what is wrong with it.
#pragma once

#include <memory>
#include <string_view>

#include "daemon/gateway/protocol.hpp"

namespace spill {

// Reads one text message of a subscriber. Never throws; anything unknown is a rejection, never
// ignored. One object per thread: it reuses its buffers.
class RequestReader {
public:
    RequestReader();
    RequestReader(const RequestReader&) = delete;
    RequestReader& operator=(const RequestReader&) = delete;
    ~RequestReader();

    // True with `request` filled, or false with `rejection` filled.
    [[nodiscard]] bool read(std::string_view text, SubscriberRequest& request,
                            Rejection& rejection);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace spill
