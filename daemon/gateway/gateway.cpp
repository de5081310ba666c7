#include "daemon/gateway/gateway.hpp"

#include <utility>

#include <boost/asio/post.hpp>

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
    }
    return "1006";
}

class Gateway::Impl {
public:
    Impl(boost::asio::io_context& ops_context, boost::asio::io_context& pub_context,
         GatewayConfig gateway_config, GatewayHooks gateway_hooks)
        : ops(ops_context),
          pub(pub_context),
          config(std::move(gateway_config)),
          hooks(std::move(gateway_hooks)),
          publisher(pub, config, stats, slots),
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

void Gateway::publish(std::string_view body, std::uint64_t offset, SignalType type,
                      std::string_view key) noexcept {
    impl_->publisher.publish(body, offset, type, key);
}
void Gateway::flush() noexcept { impl_->publisher.flush(); }
void Gateway::stop() { impl_->stop(); }
const GatewayStats& Gateway::stats() const noexcept { return impl_->stats; }

}  // namespace spill
