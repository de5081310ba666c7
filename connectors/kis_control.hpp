// The JSON half of the KIS socket: answers to registrations, and the beat that wants an echo.
//
//   {"header":{"tr_id":"H0UNCNT0","tr_key":"000660","encrypt":"N"},
//    "body":{"rt_cd":"0","msg_cd":"OPSP0000","msg1":"SUBSCRIBE SUCCESS","output":{...}}}
//   {"header":{"tr_id":"PINGPONG","datetime":"20261006101010"}}
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/json_codec.hpp"
#include "connectors/json_scan.hpp"
#include "connectors/kis_symbol.hpp"

namespace spill {

class KisControl final : public json::JsonCodec {
public:
    // The beat is answered with its own bytes, which only the caller has.
    [[nodiscard]] Decoded read(std::string_view frame) noexcept {
        Decoded decoded = decode(frame, false);
        if (decoded.kind == FrameKind::Ping) decoded.reply = frame;
        return decoded;
    }

    std::vector<std::string> subscribe(std::span<const std::string> /*symbols*/,
                                       std::int64_t /*first_request_id*/) const override {
        return {};
    }
    std::vector<std::string> unsubscribe(std::span<const std::string> /*symbols*/,
                                         std::int64_t /*first_request_id*/) const override {
        return {};
    }
    std::string ping(std::int64_t /*request_id*/) const override { return {}; }

protected:
    bool quick_trades(json::od::object& /*root*/) noexcept override { return false; }

    Decoded on_object(json::od::object& root) noexcept override {
        Answer answer;
        BadReason const bad = json::for_each_field(
            root, [&](json::od::raw_json_string key, json::od::value& field) noexcept {
                bool const ours = key.unsafe_is_equal("header") || key.unsafe_is_equal("body");
                return ours ? read_part(field, answer) : json::pass_over(field);
            });
        return bad == BadReason::None ? judge(answer) : json::bad_frame(bad);
    }

private:
    struct Answer {
        json::Token transaction, key, result, code, message;
    };

    static BadReason read_part(json::od::value& field, Answer& out) noexcept {
        json::Token const token = json::raw_token(field);
        if (!token.is(json::TokenType::Object)) return json::pass_over(field);
        json::od::object part;
        if (field.get_object().get(part) != simdjson::SUCCESS) return BadReason::NotJson;
        return json::for_each_field(
            part, [&](json::od::raw_json_string key, json::od::value& member) noexcept {
                if (key.unsafe_is_equal("tr_id")) return json::read_text(member, out.transaction);
                if (key.unsafe_is_equal("tr_key")) return json::read_text(member, out.key);
                if (key.unsafe_is_equal("rt_cd")) return json::read_text(member, out.result);
                if (key.unsafe_is_equal("msg_cd")) return json::read_text(member, out.code);
                if (key.unsafe_is_equal("msg1")) return json::read_text(member, out.message);
                return json::pass_over(member);
            });
    }

    // About the key itself, whatever was registered.
    static bool about_key(std::string_view code) noexcept {
        return code == "OPSP0010" || code == "OPSP0011" || code == "OPSP8996";
    }

    Decoded judge(const Answer& answer) noexcept {
        std::string_view const transaction = answer.transaction.words();
        if (transaction == "PINGPONG") return json::frame_of(FrameKind::Ping);
        if (!answer.result.is(json::TokenType::Text)) return json::frame_of(FrameKind::Other);
        Decoded decoded;
        decoded.code = answer.code.words();
        decoded.message = answer.message.words();
        // A refusal may name "(null)": then it is matched to what was asked first.
        if (KisFeed const* const feed = find_kis_feed(transaction); feed != nullptr) {
            decoded.symbol = name_.join(answer.key.words(), *feed);
        }
        bool const there = decoded.code == "OPSP0000" || decoded.code == "OPSP0002";
        bool const gone = decoded.code == "OPSP0001" || decoded.code == "OPSP0003";
        // Without its status a stock is still watched.
        bool const status = transaction == kKisStatus && !about_key(decoded.code);
        decoded.kind = status || gone ? FrameKind::Info : there ? FrameKind::Ack : FrameKind::Error;
        return decoded;
    }

    KisName name_;
};

}  // namespace spill
