#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "connectors/kis_control.hpp"
#include "connectors/kis_symbol.hpp"
#include "connectors/registry.hpp"
#include "connectors/venues.hpp"
#include "core/event.hpp"
#include "tests/support/alloc_count.hpp"
#include "tests/support/frames.hpp"

using namespace spill;
using namespace spill::trade_flag;
using test::decoded;

namespace {

// One record; what a test changes is put over the regular print.
std::vector<std::string> record() {
    std::vector<std::string> fields(46);
    fields[0] = "000660";
    fields[1] = "103007";
    fields[2] = "93000";
    fields[12] = "40";
    fields[13] = "1058727";
    fields[21] = "1";
    fields[33] = "20260302";
    fields[34] = "20";
    fields[35] = "N";
    fields[43] = "0";
    return fields;
}

std::string joined(const std::vector<std::string>& fields) {
    std::string out;
    for (std::size_t i = 0; i < fields.size(); ++i) out += (i == 0 ? "" : "^") + fields[i];
    return out;
}

std::string frame_of(const std::string& payload, const std::string& count = "001",
                     const std::string& transaction = "H0UNCNT0") {
    return "0|" + transaction + "|" + count + "|" + payload;
}

std::string with(std::size_t index, const std::string& text) {
    std::vector<std::string> fields = record();
    if (index >= fields.size()) fields.resize(index + 1);
    fields[index] = text;
    return joined(fields);
}

std::uint32_t flags_of(Codec& codec, const std::string& payload) {
    test::Frame const frame(frame_of(payload));
    Decoded const result = codec.decode(frame.view(), false);
    REQUIRE(result.trades.size() == 1);
    return result.trades[0].flags;
}

}  // namespace

TEST_CASE("a kis print has Korean time, its aggressor and the volume so far") {
    auto const codec = make_kis_codec();
    test::Frame const frame(frame_of(joined(record())));
    Decoded const result = codec->decode(frame.view(), false);
    CHECK(test::describe(result) == "trade | 000660 93000 40 buy 1772415007000000000 1058727 live");
    REQUIRE(result.trades.size() == 1);
    CHECK(to_text(result.trades[0].cumulative) == "1058727");
    CHECK(result.trades[0].flags == 0);
    CHECK(decoded(*codec, frame_of(with(21, "5"))).find(" sell ") != std::string::npos);
    CHECK(decoded(*codec, frame_of(with(1, "083007"))).find(" 1772407807000000000 ") !=
          std::string::npos);  // the evening before in UTC
}

TEST_CASE("the width of kis records follows from their count") {
    auto const codec = make_kis_codec();
    std::string const narrow = joined(record()) + "^" + with(13, "1058767");
    CHECK(decoded(*codec, frame_of(narrow, "002")) ==
          "trade | 000660 93000 40 buy 1772415007000000000 1058727 live"
          " | 000660 93000 40 buy 1772415007000000000 1058767 live");
    std::string const wide = with(46, "2") + "^" + with(46, "2");
    test::Frame const frame(frame_of(wide, "002"));
    CHECK(codec->decode(frame.view(), false).trades.size() == 2);
    CHECK(decoded(*codec, frame_of(narrow, "003")) == "bad missing_field");
    CHECK(decoded(*codec, frame_of(narrow + "^", "002")) == "bad missing_field");
    CHECK(decoded(*codec, frame_of(joined(record()), "000")) == "bad bad_number");
    CHECK(decoded(*codec, frame_of(joined(record()), "x")) == "bad bad_number");
    CHECK(decoded(*codec, frame_of(joined(record()), "99999")) == "bad too_large");
    CHECK(decoded(*codec, "0|H0UNCNT0|001") == "bad missing_field");
}

TEST_CASE("only regular, unhalted, continuous kis trading moves a price") {
    auto const codec = make_kis_codec();
    CHECK(flags_of(*codec, with(46, "2")) == 0);
    CHECK(flags_of(*codec, with(46, "")) == 0);
    CHECK(flags_of(*codec, with(46, "3")) == kNoPrice);
    CHECK(flags_of(*codec, with(34, "30")) == kNoPrice);
    CHECK(flags_of(*codec, with(35, "Y")) == kNoPrice);
    CHECK(flags_of(*codec, with(43, "D")) == kNoPrice);
    CHECK(flags_of(*codec, with(21, "3")) == kOpenAuction);
    CHECK(flags_of(*codec, with(34, "21")) == kCloseAuction);
    test::Frame const block(frame_of(with(34, "22")));
    CHECK(codec->decode(block.view(), false).trades[0].block);
    test::Frame const plain(frame_of(with(34, "20")));
    CHECK_FALSE(codec->decode(plain.view(), false).trades[0].block);
}

TEST_CASE("an indicative price of kis is no trade, and shows that the venue is alive") {
    auto const codec = make_kis_codec();
    for (char const* const kind : {"A", "B", "C"}) {
        CHECK(decoded(*codec, frame_of(with(43, kind))) == "heartbeat");
    }
    test::Frame const frame(frame_of(with(43, "C") + "^" + joined(record()), "002"));
    CHECK(codec->decode(frame.view(), false).trades.size() == 1);
}

TEST_CASE("kis prints of one second are told apart by the volume so far") {
    auto const codec = make_kis_codec();
    auto const id = [&](const std::string& payload) {
        test::Frame const frame(frame_of(payload));
        Decoded const result = codec->decode(frame.view(), false);
        REQUIRE(result.trades.size() == 1);
        CHECK(result.trades[0].id != 0);
        return result.trades[0].id;
    };
    std::uint64_t const one = id(joined(record()));
    CHECK(id(with(1, "103008")) == one);
    CHECK(id(with(13, "1058728")) != one);
    CHECK(id(with(33, "20260303")) != one);
    CHECK(id(with(34, "30")) != one);
}

TEST_CASE("a kis record that cannot be read does not take the others with it") {
    auto const codec = make_kis_codec();
    for (std::string const& bad :
         {with(1, "250000"), with(1, "10300"), with(33, "20260230"), with(2, "0"), with(2, "x"),
          with(12, ""), with(13, "-1"), with(0, "")}) {
        INFO(bad);
        test::Frame const frame(frame_of(bad + "^" + joined(record()), "002"));
        Decoded const result = codec->decode(frame.view(), false);
        CHECK(result.kind == FrameKind::Trade);
        CHECK(result.trades.size() == 1);
        CHECK(result.bad != BadReason::None);
        CHECK(decoded(*codec, frame_of(bad)).starts_with("bad "));
    }
}

TEST_CASE("one stock of kis is three symbols, one for each view of its market") {
    auto const codec = make_kis_codec();
    std::string const payload = joined(record());
    CHECK(decoded(*codec, frame_of(payload, "001", "H0STCNT0")).starts_with("trade | 000660.KRX "));
    CHECK(decoded(*codec, frame_of(payload, "001", "H0NXCNT0")).starts_with("trade | 000660.NXT "));
    CHECK(decoded(*codec, frame_of(payload, "001", "HDFSCNT0")) == "other");
    CHECK(decoded(*codec, "1|H0STCNI0|001|c2VjcmV0") == "other");
    CHECK(split_kis_symbol("000660.KRX").code == "000660");
    CHECK(split_kis_symbol("000660.KRX").feed->transaction == "H0STCNT0");
    CHECK(split_kis_symbol("000660").feed->transaction == "H0UNCNT0");
    KisName name;
    CHECK(name.join("12345678901234", kKisFeeds[1]).empty());
}

TEST_CASE("a kis status holds for the stock on every venue") {
    auto const codec = make_kis_codec();
    auto const status = [&](const std::string& payload) {
        test::Frame const frame(frame_of(payload, "001", "H0STMKO0"));
        Decoded const result = codec->decode(frame.view(), false);
        if (result.kind != FrameKind::Halt) return std::string(to_string(result.kind));
        REQUIRE(result.statuses.size() == 3);
        CHECK(result.statuses[0].symbol == "000660");
        CHECK(result.statuses[1].symbol == "000660.KRX");
        CHECK(result.statuses[0].ts_event.ns == 0);
        switch (result.statuses[0].status) {
            case TradingStatus::Continuous: return std::string("open");
            case TradingStatus::Halted: return std::string("halted");
            case TradingStatus::Auction: return std::string("auction");
        }
        return std::string();
    };
    CHECK(status("000660^N^(null)^^311^^^55^N^N") == "open");
    CHECK(status("000660^N^(null)^112^^^^55^N^N^KRX") == "open");
    CHECK(status("000660^Y^news^^^^^58^N^N") == "halted");
    CHECK(status("000660^N^^174^^^^^N^N") == "halted");
    CHECK(status("000660^N^^175^^^^^N^N") == "auction");
    CHECK(status("000660^N^^121^^^^^N^N") == "auction");
    CHECK(status("000660^N^^^^^^^Y^N") == "auction");
    CHECK(status("000660^N^^387^^^^^N^N") == "other");
    CHECK(status("000660^N^^") == "bad");
}

TEST_CASE("kis answers acknowledge, refuse or only inform") {
    auto const codec = make_kis_codec();
    auto const answer = [&](const std::string& transaction, const std::string& result,
                            const std::string& code) {
        return decoded(*codec, R"({"header":{"tr_id":")" + transaction +
                                   R"(","tr_key":"000660","encrypt":"N"},"body":{"rt_cd":")" +
                                   result + R"(","msg_cd":")" + code + R"(","msg1":"W"}})");
    };
    CHECK(answer("H0UNCNT0", "0", "OPSP0000") == "ack symbol=000660 code=OPSP0000 message=W");
    CHECK(answer("H0STCNT0", "1", "OPSP0002") == "ack symbol=000660.KRX code=OPSP0002 message=W");
    CHECK(answer("H0UNCNT0", "0", "OPSP0001") == "info symbol=000660 code=OPSP0001 message=W");
    CHECK(answer("H0UNCNT0", "1", "OPSP0008") == "error symbol=000660 code=OPSP0008 message=W");
    CHECK(answer("(null)", "1", "OPSP8992") == "error code=OPSP8992 message=W");
    // A stock is watched even when its status is not.
    CHECK(answer("H0STMKO0", "0", "OPSP0000") == "info code=OPSP0000 message=W");
    CHECK(answer("H0STMKO0", "1", "OPSP0008") == "info code=OPSP0008 message=W");
    CHECK(answer("H0STMKO0", "9", "OPSP8996") == "error code=OPSP8996 message=W");
    CHECK(decoded(*codec, R"({"approval_key":"x"})") == "other");
    CHECK(decoded(*codec, R"({"header":{)") == "bad not_json");
    VenueSpec const& spec = *find_venue_spec("kis");
    CHECK(spec.fatal_codes == "OPSP0010 OPSP0011");
    CHECK(spec.busy_codes == "OPSP8996");
    CHECK(spec.plain);
}

TEST_CASE("the beat of kis is answered with its own bytes") {
    auto const codec = make_kis_codec();
    std::string const beat = R"({"header":{"tr_id":"PINGPONG","datetime":"20261006101010"}})";
    test::Frame const frame(beat);
    Decoded const result = codec->decode(frame.view(), false);
    CHECK(result.kind == FrameKind::Ping);
    CHECK(result.reply == beat);
    CHECK(decoded(*codec, "") == "bad empty");
    CHECK(decoded(*codec, beat, true) == "bad not_text");
}

TEST_CASE("a kis registration carries the approval key, for the prints and for the status") {
    auto const codec = make_kis_codec();
    codec->use({.key = "k-1", .secret = ""});
    std::vector<std::string> const symbols{"000660.NXT"};
    std::string const head =
        R"({"header":{"approval_key":"k-1","custtype":"P","tr_type":"1","content-type":"utf-8"},)";
    CHECK(codec->subscribe(symbols, 1) ==
          std::vector<std::string>{
              head + R"("body":{"input":{"tr_id":"H0NXCNT0","tr_key":"000660"}}})",
              head + R"("body":{"input":{"tr_id":"H0STMKO0","tr_key":"000660"}}})"});
    CHECK(codec->unsubscribe(symbols, 1)[0].find(R"("tr_type":"2")") != std::string::npos);
}

TEST_CASE("decoding kis frames allocates nothing") {
    auto const codec = make_kis_codec();
    test::Frame const frame(frame_of(joined(record()) + "^" + with(13, "1058767"), "002"));
    test::AllocCounter const counter;
    std::size_t rows = 0;
    for (int i = 0; i < 100; ++i) rows += codec->decode(frame.view(), false).trades.size();
    CHECK(counter.count() == 0);
    CHECK(rows == 200);
}
