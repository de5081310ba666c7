#include "daemon/metrics.hpp"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include <doctest/doctest.h>

#include "daemon/metrics_table.hpp"
#include "tests/support/skip.hpp"

using namespace spill;

namespace {

bool has(const std::string& text, const std::string& line) {
    return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

// Everything that can be added, with some figures.
struct Everything {
    LinkStats binance;
    LinkStats binance_too;
    HistoryStats seeded;
    HistoryStats filling;
    QueueStats events;
    GatewayStats gateway;
    EngineStats engine;
    LatencyHistogram feed_0;
    LatencyHistogram feed_1;
    Metrics metrics{
        BuildFacts{.version = "1.2.3", .cfg = "0a1b2c3d", .epoch = "e1", .plan = "inline"}};

    Everything() {
        binance.venue = binance_too.venue = "binance";
        binance.state = static_cast<std::uint8_t>(LinkState::Live);
        bump(binance.dials, 3);
        bump(binance.dial_failures);
        bump(binance.bad_by_reason[static_cast<std::size_t>(BadReason::NotJson)], 2);
        bump(binance.frames_by_kind[static_cast<std::size_t>(FrameKind::Trade)], 50);
        binance.last_data_unix_ns = 1'780'000'000'500'000'000U;
        binance.last_lag_ns = -2'500'000;
        events.name = "events";
        events.capacity = 1024;
        events.depth = 5;
        events.dropped = 2;
        bump(gateway.closes[static_cast<std::size_t>(CloseReason::Slow)]);
        bump(gateway.refused[static_cast<std::size_t>(Refusal::Host)], 4);
        gateway.subscribers = 17;
        engine.count_event(EventKind::Trade);
        engine.count_signal(SignalType::Breakout, "triggered");
        feed_0.record(900);
        feed_0.record(150'000);
        feed_1.record(3'000'000'000);
        metrics.add_link(&binance);
        metrics.add_link(&binance_too);
        seeded.venue = filling.venue = "binance";
        bump(seeded.seed_bars, 1440);
        bump(seeded.requests, 2);
        bump(filling.requests, 3);
        bump(filling.backfills_filled);
        metrics.add_history(&seeded);
        metrics.add_history(&filling);
        metrics.add_queue(&events);
        metrics.add_gateway(&gateway);
        metrics.add_engine(&engine);
        metrics.add_latency("recv_to_signal", &feed_0);
        metrics.add_latency("recv_to_signal", &feed_1);
        metrics.set_ready([] { return true; });
    }
};

}  // namespace

TEST_CASE("each metric is declared once, in the order of its identity, with a well-formed name") {
    std::set<std::string> names;
    std::size_t index = 0;
    for (const MetricDeclaration& row : kMetrics) {
        std::string const name = row.name;
        CAPTURE(name);
        CHECK(static_cast<std::size_t>(row.id) == index++);
        CHECK(names.insert(name).second);
        CHECK((name.starts_with("spillover_") || name.starts_with("process_")));
        CHECK(name.ends_with("_total") == (row.kind == MetricKind::Count));
        CHECK(std::string(row.help).size() > 5);
    }
}

TEST_CASE("the page shows the figures of their owners") {
    Everything all;
    std::string const text = all.metrics.text();
    CHECK(has(text, R"(spillover_build_info{version="1.2.3",cfg="0a1b2c3d",plan="inline"} 1)"));
    CHECK(has(text, R"(spillover_epoch_info{epoch="e1"} 1)"));
    CHECK(has(text, R"(spillover_ready 1)"));
    CHECK(has(text, R"(spillover_link_state{venue="binance",link="0",state="live"} 1)"));
    CHECK(has(text, R"(spillover_link_state{venue="binance",link="0",state="idle"} 0)"));
    CHECK(has(text, R"(spillover_link_state{venue="binance",link="1",state="idle"} 1)"));
    CHECK(has(text, R"(spillover_link_dials_total{venue="binance",link="0",result="ok"} 2)"));
    CHECK(has(text, R"(spillover_link_dials_total{venue="binance",link="0",result="failed"} 1)"));
    CHECK(has(text,
              R"(spillover_decode_errors_total{venue="binance",link="0",reason="not_json"} 2)"));
    CHECK(has(text, R"(spillover_link_frames_total{venue="binance",link="0",kind="trade"} 50)"));
    CHECK(has(text, R"(spillover_link_last_data_timestamp_seconds{venue="binance",link="0"} )"
                    R"(1780000000.5)"));
    CHECK(has(text, R"(spillover_link_lag_seconds{venue="binance",link="0"} -0.0025)"));
    CHECK(has(text, R"(spillover_history_requests_total{venue="binance",result="sent"} 5)"));
    CHECK(has(text, R"(spillover_history_backfills_total{venue="binance",result="filled"} 1)"));
    CHECK(has(text, R"(spillover_history_seed_bars_total{venue="binance"} 1440)"));
    CHECK(has(text, R"(spillover_queue_depth{queue="events"} 5)"));
    CHECK(has(text, R"(spillover_queue_dropped_total{queue="events",policy="newest"} 2)"));
    CHECK(has(text, R"(spillover_subscribers 17)"));
    CHECK(has(text, R"(spillover_subscriber_closes_total{code="4408"} 1)"));
    CHECK(has(text, R"(spillover_admit_refused_total{reason="host"} 4)"));
    CHECK(has(text, R"(spillover_events_total{kind="trade"} 1)"));
    CHECK(has(text, R"(spillover_signals_total{type="breakout",state="triggered"} 1)"));
    CHECK(text.find("process_resident_memory_bytes ") != std::string::npos);
    CHECK(text.find(" nan") == std::string::npos);
    CHECK(text.find(" Nan") == std::string::npos);
    CHECK(text.size() < 64 * 1024);
}

TEST_CASE("the histograms of a stage are added up and never claim to be faster than they are") {
    Everything all;
    std::string const text = all.metrics.text();
    auto const bucket = [](const char* bound, int count) {
        return std::string("spillover_stage_seconds_bucket{stage=\"recv_to_signal\",le=\"") +
               bound + "\"} " + std::to_string(count);
    };
    CHECK(has(text, bucket("1e-06", 1)));
    CHECK(has(text, bucket("0.0001", 1)));
    CHECK(has(text, bucket("0.0002", 2)));
    CHECK(has(text, bucket("1", 2)));
    CHECK(has(text, bucket("+Inf", 3)));
    CHECK(has(text, R"(spillover_stage_seconds_count{stage="recv_to_signal"} 3)"));
}

TEST_CASE("promtool has nothing to say about the page") {
    if (std::system("command -v promtool >/dev/null 2>&1") != 0) {
        return test::skip("promtool check metrics", "promtool is not installed");
    }
    Everything all;
    auto const path = std::filesystem::temp_directory_path() /
                      ("spill_metrics_" + std::to_string(getpid()) + ".txt");
    std::ofstream(path) << all.metrics.text();
    std::string const command = "promtool check metrics < " + path.string() + " 2>&1";
    std::string said;
    FILE* const pipe = popen(command.c_str(), "r");
    REQUIRE(pipe != nullptr);
    char line[512];
    while (std::fgets(line, sizeof line, pipe) != nullptr) said += line;
    CHECK(pclose(pipe) == 0);
    CHECK(said == "");
    std::filesystem::remove(path);
}
