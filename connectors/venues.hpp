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
// Alpaca market data v2, US stocks: trades alone, or trades and trading statuses where the feed is
// known to carry them.
[[nodiscard]] std::unique_ptr<Codec> make_alpaca_codec();
[[nodiscard]] std::unique_ptr<Codec> make_alpaca_sip_codec();
// Korea Investment & Securities: trades and trading statuses of KRX and NXT stocks.
[[nodiscard]] std::unique_ptr<Codec> make_kis_codec();
// Massive (Polygon) stocks, channel `T`: real time and delayed, one protocol.
[[nodiscard]] std::unique_ptr<Codec> make_massive_codec();
// Finnhub trades.
[[nodiscard]] std::unique_ptr<Codec> make_finnhub_codec();

}  // namespace spill
