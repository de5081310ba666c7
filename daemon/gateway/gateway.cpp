#include "daemon/gateway/gateway.hpp"

#include <array>
#include <utility>

#include <boost/asio/post.hpp>

#include "daemon/gateway/json_writer.hpp"
#include "daemon/gateway/listener.hpp"
#include "daemon/gateway/publisher.hpp"

namespace spill {

const char* to_string(CloseReason reason) noexcept {
    switch (reason) {
        case CloseReason::Normal: return "1000";
        case CloseReason::GoingAway: return "1001";
        case CloseReason::Protocol: return "1002";
        case CloseReason::Unsupported: return "1003";
        case CloseReason::Abnormal: return "1006";
        case CloseReason::BadText: return "1007";
        case CloseReason::Policy: return "1008";
        case CloseReason::TooBig: return "1009";
        case CloseReason::Slow: return "4408";
        case CloseReason::Future: return "4400";
    }
    return "1006";
}

std::string readiness_json(const Readiness& readiness) {
    std::array<char, 8192> text{};
    JsonWriter json(text);
    json.raw("{\"ready\":").boolean(readiness.ready).raw(",\"reasons\":[");
    char const* separator = "";
    for (const std::string& reason : readiness.reasons) {
        // Whatever does not fit is left out whole; the status code says it all the same.
        if (json.view().size() + 6 * reason.size() + 16 > text.size()) break;
        json.raw(separator).string(reason);
        separator = ",";
    }
    json.raw("]}");
    return std::string(json.view());
}

class Gateway::Impl {
public:
    Impl(boost::asio::io_context& ops_context, boost::asio::io_context& pub_context,
         GatewayConfig gateway_config, GatewayHooks gateway_hooks)
        : ops(ops_context),
          pub(pub_context),
          config(std::move(gateway_config)),
          hooks(std::move(gateway_hooks)),
          publisher(pub, config, hooks, stats, slots),
          listener(ops, config, hooks, stats, slots, [this](UpgradedSocket socket) {
              boost::asio::post(pub, [this, moved = std::move(socket)]() mutable {
                  publisher.adopt(std::move(moved));
              });
          }) {}

    void stop() {
        if (stopped.exchange(true)) return;
        boost::asio::post(ops, [this] { listener.stop(); });
        boost::asio::post(pub, [this] { publisher.stop(); });
    }

    boost::asio::io_context& ops;
    boost::asio::io_context& pub;
    GatewayConfig const config;
    GatewayHooks const hooks;
    GatewayStats stats;
    std::atomic<std::size_t> slots{0};  // upgraded sockets, on the way or adopted
    std::atomic<bool> stopped{false};
    Publisher publisher;
    Listener listener;
};

Gateway::Gateway(boost::asio::io_context& ops, boost::asio::io_context& pub, GatewayConfig config,
                 GatewayHooks hooks)
    : impl_(std::make_unique<Impl>(ops, pub, std::move(config), std::move(hooks))) {}
Gateway::~Gateway() = default;

Result<void> Gateway::listen() { return impl_->listener.listen(); }
std::uint16_t Gateway::port() const noexcept { return impl_->listener.port(); }

void Gateway::publish(std::string_view body, const SignalFacts& facts) noexcept {
    impl_->publisher.publish(body, facts);
}
void Gateway::flush() noexcept { impl_->publisher.flush(); }
void Gateway::stop() { impl_->stop(); }
const GatewayStats& Gateway::stats() const noexcept { return impl_->stats; }

}  // namespace spill
