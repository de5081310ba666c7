// The venues that are built in: one source file each, one row each in registry.cpp.
#pragma once

#include <memory>

#include "connectors/codec.hpp"

namespace spill {

// Binance spot, combined or raw streams; subscribes `symbol@aggTrade`.
[[nodiscard]] std::unique_ptr<Codec> make_binance_codec();
// Bybit v5 public, spot and linear: one protocol on two paths.
[[nodiscard]] std::unique_ptr<Codec> make_bybit_codec();
// Kraken websocket v2, channel `trade`.
[[nodiscard]] std::unique_ptr<Codec> make_kraken_codec();
// MEXC v3 spot, `aggre.deals`: protobuf data and JSON control on one socket.
[[nodiscard]] std::unique_ptr<Codec> make_mexc_codec();
// OKX v5 public, channel `trades`.
[[nodiscard]] std::unique_ptr<Codec> make_okx_codec();
// Gate v4 spot, channel `spot.trades`.
[[nodiscard]] std::unique_ptr<Codec> make_gateio_codec();
// Coinbase Exchange, channels `matches` and `heartbeat`.
[[nodiscard]] std::unique_ptr<Codec> make_coinbase_codec();
// Coinbase Advanced Trade, channel `market_trades`.
[[nodiscard]] std::unique_ptr<Codec> make_coinbase_advanced_codec();

}  // namespace spill
