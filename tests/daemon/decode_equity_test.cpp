// The recorded frames of the stock venues, file by file, through `spilloverd decode`.
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "daemon/decode.hpp"
#include "tests/support/skip.hpp"

using namespace spill;

namespace {

std::size_t count(const std::string& text, std::string_view what) {
    std::size_t found = 0;
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) {
        ++found;
    }
    return found;
}

struct Expected {
    std::size_t frames = 1;
    std::size_t rows = 0;
    std::size_t statuses = 0;
};

// Every file of `folder` is listed in `files`, and says what is listed and nothing bad.
void check_folder(const std::string& venue, const std::string& folder,
                  const std::map<std::string, Expected>& files) {
    auto const path = test::shared_path("wire/" + folder);
    if (path.empty()) return test::skip(folder + " samples", "no recorded frames here");
    std::set<std::string> seen;
    for (auto const& entry : std::filesystem::directory_iterator(path)) {
        std::string const name = entry.path().filename().string();
        if (name.ends_with(".md") || name.ends_with(".csv")) continue;
        INFO(folder << '/' << name);
        auto const expected = files.find(name);
        REQUIRE(expected != files.end());
        seen.insert(name);
        std::ostringstream out;
        std::ostringstream err;
        CHECK(run_decode(venue, entry.path().string(), out, err) == 0);
        std::string const text = out.str();
        CHECK(count(text, "\"kind\":\"bad\"") == 0);
        CHECK(count(text, "\n") == expected->second.frames);
        CHECK(count(text, "\"trade_id\":") == expected->second.rows);
        CHECK(count(text, "\"status\":") == expected->second.statuses);
    }
    CHECK(seen.size() == files.size());
}

}  // namespace

TEST_CASE("every recorded alpaca frame is read, in both encodings") {
    Expected const rest{};
    check_folder("alpaca-sip", "alpaca",
                 {{"doc_bar_daily_status.json", {.statuses = 1}},
                  {"errors.jsonl", {.frames = 6}},
                  {"msgpack_control_connected.bin", {}},
                  {"msgpack_control_connected.hex.txt", {}},
                  {"msgpack_luld_cancel_correction.bin", {.rows = 3}},
                  {"msgpack_luld_cancel_correction.hex.txt", {.rows = 3}},
                  {"msgpack_mixed_batch.bin", {.rows = 1, .statuses = 1}},
                  {"msgpack_mixed_batch.hex.txt", {.rows = 1, .statuses = 1}},
                  {"rest_auctions_page1.json", rest},
                  {"rest_auctions_page2.json", rest},
                  {"rest_bars_15min_amzn.json", rest},
                  {"rest_latest_trades_ibm_msft.json", rest},
                  {"rest_trades_canceled_update.json", rest},
                  {"rest_trades_multi_page1_token.json", rest},
                  {"rest_trades_premarket_aapl_20211013.json", rest},
                  {"sdk_luld_cancel_correction.json", {.rows = 3}},
                  {"sdk_mixed_batch_unknown_type_first.json", {.rows = 1, .statuses = 1}},
                  {"session_handshake_and_data.txt", {.frames = 4, .rows = 1}},
                  {"session_subscribe_unsubscribe.txt", {.frames = 2}}});
}

TEST_CASE("every recorded massive frame is read") {
    check_folder("massive", "polygon-massive",
                 {{"doc_A.json", {}},
                  {"doc_AM.json", {}},
                  {"doc_LULD_microseconds.json", {}},
                  {"doc_T_formT.json", {.rows = 1}},
                  {"rest_aggs_range.json", {}},
                  {"rest_conditions_first10.json", {}},
                  {"session_max_connections.txt", {.frames = 4}},
                  {"session_mock_server.txt", {.frames = 7, .rows = 3}}});
}

TEST_CASE("every recorded finnhub frame is read") {
    check_folder("finnhub", "finnhub",
                 {{"error_too_many_symbols.json", {}},
                  {"ping.json", {}},
                  {"session.txt", {.frames = 3, .rows = 2}},
                  {"trade_conditions_array.json", {.rows = 1}},
                  {"trade_data_two_symbols_empty_conditions.json", {.rows = 2}}});
}

TEST_CASE("every recorded kis frame is read, of 46 and of 47 fields") {
    check_folder("kis", "kis-krx",
                 {{"approval_reply.json", {}},
                  {"approval_request.json", {}},
                  {"constructed_three_records.txt", {.rows = 3}},
                  {"constructed_width47.txt", {.rows = 1}},
                  {"error_max_subscribe.json", {}},
                  {"market_status.txt", {.statuses = 3}},
                  {"pingpong.json", {}},
                  {"subscribe_ack.json", {}},
                  {"subscribe_request.json", {}},
                  {"trade_hynix_20220830.txt", {.rows = 1}},
                  {"trade_samsung_20230324.txt", {.rows = 1}},
                  {"trade_samsung_20230612.txt", {.rows = 1}}});
}
