// A codec whose frames are JSON objects, or arrays of them.
//
// It looks at a frame twice at most. The quick look takes the trades of a frame that is written as
// the venue writes them: fields looked up in wire order, every value as expected. It either
// succeeds or knows nothing; then the walk over all fields decides what the frame is, in any
// order, and why it is bad. Both go to the end of the frame, so a frame that is cut anywhere gives
// no trade.
#pragma once

#include <bit>
#include <cstddef>
#include <new>
#include <span>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "connectors/codec.hpp"
#include "connectors/json_scan.hpp"

namespace spill::json {

inline constexpr std::size_t kMaxRows = 1024;  // of one frame; Bybit's documented bound

static_assert(Codec::kPadding >= simdjson::SIMDJSON_PADDING);

[[nodiscard]] inline Decoded bad_frame(BadReason reason) noexcept {
    Decoded decoded;
    decoded.kind = FrameKind::Bad;
    decoded.bad = reason;
    return decoded;
}

[[nodiscard]] inline Decoded frame_of(FrameKind kind) noexcept {
    Decoded decoded;
    decoded.kind = kind;
    return decoded;
}

// The steps that every JSON venue has in common; a venue says what an object means.
class JsonCodec : public Codec {
public:
    JsonCodec() : rows_(kMaxRows) {
        // Larger frames make the parser grow once; steady state allocates nothing.
        if (parser_.allocate(kFirstCapacity) != simdjson::SUCCESS) throw std::bad_alloc();
    }

    [[nodiscard]] Decoded decode(std::string_view frame, bool binary) noexcept final {
        if (binary) return bad_frame(BadReason::NotText);
        if (frame.empty()) return bad_frame(BadReason::Empty);
        if (frame.size() > kMaxFrameBytes) return bad_frame(BadReason::TooLarge);
        row_count_ = 0;
        if (BadReason const bad = open(frame); bad != BadReason::None) {
            return bad == BadReason::NotJson ? on_words(frame) : bad_frame(bad);
        }
        od::json_type type{};
        if (document_.type().get(type) != simdjson::SUCCESS) return on_words(frame);
        if (type != od::json_type::object) return not_an_object(type);
        od::object root;
        if (document_.get_object().get(root) != simdjson::SUCCESS) {
            return bad_frame(BadReason::NotJson);
        }
        if (quick_trades(root)) return at_end() ? trades() : bad_frame(BadReason::NotJson);
        row_count_ = 0;
        if (!reopen(root)) return bad_frame(BadReason::NotJson);
        Decoded decoded = on_object(root);
        if (decoded.kind != FrameKind::Bad && !at_end()) return bad_frame(BadReason::NotJson);
        return decoded;
    }

protected:
    // The quick look. True when `root` was walked to its end and all its rows have been added.
    [[nodiscard]] virtual bool quick_trades(od::object& root) noexcept = 0;

    // Walks `root` to its end, unless the result is Bad.
    [[nodiscard]] virtual Decoded on_object(od::object& root) noexcept = 0;

    // A frame that does not begin as JSON does: bad, unless the venue speaks such words (OKX).
    [[nodiscard]] virtual Decoded on_words(std::string_view /*frame*/) noexcept {
        return bad_frame(BadReason::NotJson);
    }

    // A frame that is an array: some other protocol (Kraken v1), unless the venue says otherwise.
    // Walks `root` to its end, unless the result is Bad.
    [[nodiscard]] virtual Decoded on_array(od::array& root) noexcept {
        BadReason const bad = for_each_element(root, pass_over);
        return bad == BadReason::None ? frame_of(FrameKind::Other) : bad_frame(bad);
    }

    // Starts over for a second look. False when the first has met broken JSON: simdjson then
    // abandons the document, and must not be asked again.
    [[nodiscard]] bool reopen(od::object& root) noexcept {
        if (!document_.is_alive()) return false;
        document_.rewind();
        return document_.get_object().get(root) == simdjson::SUCCESS;
    }

    // The next free row, or nullptr when the frame has more than kMaxRows.
    [[nodiscard]] TradeRow* add_row() noexcept {
        if (row_count_ == rows_.size()) return nullptr;
        TradeRow& row = rows_[row_count_++];
        row = TradeRow{};
        return &row;
    }
    [[nodiscard]] std::span<TradeRow> rows() noexcept { return {rows_.data(), row_count_}; }
    void drop_rows() noexcept { row_count_ = 0; }

    [[nodiscard]] Decoded trades() noexcept {
        Decoded decoded = frame_of(FrameKind::Trade);
        decoded.trades = rows();
        return decoded;
    }

private:
    static constexpr std::size_t kFirstCapacity = std::size_t{1} << 16U;

    [[nodiscard]] BadReason open(std::string_view frame) noexcept {
        if (frame.size() > parser_.capacity() &&
            parser_.allocate(std::bit_ceil(frame.size())) != simdjson::SUCCESS) {
            return BadReason::TooLarge;
        }
        auto const error =
            parser_.iterate(frame.data(), frame.size(), frame.size() + kPadding).get(document_);
        if (error == simdjson::SUCCESS) return BadReason::None;
        if (error == simdjson::EMPTY) return BadReason::Empty;
        return error == simdjson::UTF8_ERROR ? BadReason::Utf8 : BadReason::NotJson;
    }

    // simdjson says OUT_OF_BOUNDS exactly when the last token has been consumed, no more.
    [[nodiscard]] bool at_end() noexcept {
        return document_.current_location().error() == simdjson::OUT_OF_BOUNDS;
    }

    // A lone scalar is JSON and nobody's frame.
    [[nodiscard]] Decoded not_an_object(od::json_type type) noexcept {
        if (type == od::json_type::array) {
            od::array array;
            if (document_.get_array().get(array) != simdjson::SUCCESS) {
                return bad_frame(BadReason::NotJson);
            }
            Decoded decoded = on_array(array);
            if (decoded.kind != FrameKind::Bad && !at_end()) return bad_frame(BadReason::NotJson);
            return decoded;
        }
        bool const valid = is_scalar(type) && at_end();
        return valid ? frame_of(FrameKind::Other) : bad_frame(BadReason::NotJson);
    }

    [[nodiscard]] bool is_scalar(od::json_type type) noexcept {
        switch (type) {
            case od::json_type::string: return document_.get_string().error() == simdjson::SUCCESS;
            case od::json_type::number: return document_.get_double().error() == simdjson::SUCCESS;
            case od::json_type::boolean: return document_.get_bool().error() == simdjson::SUCCESS;
            case od::json_type::null: return document_.is_null().error() == simdjson::SUCCESS;
            case od::json_type::array:
            case od::json_type::object: return false;
        }
        return false;
    }

    od::parser parser_;
    od::document document_;
    std::vector<TradeRow> rows_;
    std::size_t row_count_ = 0;
};

}  // namespace spill::json
