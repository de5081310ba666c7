// libFuzzer entry of the codecs: the first byte picks the venue, the rest is one text frame.
//
// What must hold for any bytes: no crash, no trade unless the frame is one, and rows that are
// complete and positive. The frame lies in a block that ends after the padding.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "connectors/venues.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace spill;
    static std::array<std::unique_ptr<Codec>, 3> const codecs{
        make_binance_codec(), make_bybit_codec(), make_kraken_codec()};
    if (size == 0) return 0;
    Codec& codec = *codecs[data[0] % codecs.size()];
    std::size_t const length = size - 1;
    auto const block = std::make_unique<char[]>(length + Codec::kPadding);
    std::memcpy(block.get(), data + 1, length);
    // Every byte that may lie behind a frame is tried: the venue choice leaves bits for it.
    std::fill_n(block.get() + length, Codec::kPadding,
                static_cast<char>("\0}],\"{ 0"[data[0] >> 5U]));
    Decoded const decoded = codec.decode({block.get(), length}, false);
    if (decoded.kind != FrameKind::Trade && !decoded.trades.empty()) std::abort();
    if ((decoded.kind == FrameKind::Bad) != (decoded.bad != BadReason::None)) std::abort();
    for (TradeRow const& row : decoded.trades) {
        bool const complete = row.price.nanos > 0 && row.size.nanos > 0 && row.ts_event.ns > 0 &&
                              row.aggressor != Aggressor::Unknown && !row.symbol.empty() &&
                              !row.id_text.empty() && row.fill_count > 0;
        if (!complete) std::abort();
    }
    return 0;
}
