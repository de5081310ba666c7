#include "connectors/ban_store.hpp"

#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <doctest/doctest.h>

#include "connectors/feed.hpp"
#include "tests/support/fake_venue.hpp"
#include "tests/support/feed_world.hpp"

namespace spill {
namespace {

using namespace feed_test;

// A directory that goes with the test.
struct Folder {
    std::filesystem::path path;
    Folder() {
        std::string name = (std::filesystem::temp_directory_path() / "spill-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        path = name;
    }
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
    }
};

UnixNanos now_plus(std::chrono::nanoseconds ahead) {
    auto const since = std::chrono::system_clock::now().time_since_epoch() + ahead;
    return UnixNanos{std::chrono::duration_cast<std::chrono::nanoseconds>(since).count()};
}

}  // namespace

TEST_CASE("what was noted is there for the next process, per venue") {
    Folder folder;
    {
        BanStore store(folder.path.string());
        store.note_dial("binance", UnixNanos{5});
        store.note_dial("binance", UnixNanos{7});
        store.note_ban("binance", UnixNanos{99});
        store.note_ban("binance", UnixNanos{50});  // never earlier than what was said before
        store.note_ban("kraken", UnixNanos{11});
    }
    BanStore next(folder.path.string());
    CHECK(next.load("binance") == VenueRecord{UnixNanos{99}, {UnixNanos{5}, UnixNanos{7}}});
    CHECK(next.load("kraken") == VenueRecord{UnixNanos{11}, {}});
    CHECK(next.load("okx") == VenueRecord{});
    CHECK(next.damaged() == 0);
    CHECK(next.failed() == 0);
}

TEST_CASE("every torn or flipped file is ignored, and none gives a false record") {
    std::string const text = encode_record({UnixNanos{99}, {UnixNanos{5}, UnixNanos{7}}});
    VenueRecord record;
    REQUIRE(decode_record(text, record));
    for (std::size_t cut = 0; cut < text.size(); ++cut) {
        CHECK_FALSE(decode_record(text.substr(0, cut), record));
    }
    for (std::size_t at = 0; at < text.size(); ++at) {
        for (int bit = 0; bit < 8; ++bit) {
            std::string flipped = text;
            flipped[at] = static_cast<char>(flipped[at] ^ (1 << bit));
            VenueRecord read;
            // A flip of letter case in the sum itself says the same number.
            if (decode_record(flipped, read)) CHECK(read == record);
        }
    }
    Folder folder;
    std::ofstream(folder.path / "venue-kraken.state") << "spilloverd-venue-1\nbanned_until 9\n";
    BanStore store(folder.path.string());
    CHECK(store.load("kraken") == VenueRecord{});
    CHECK(store.damaged() == 1);
}

TEST_CASE("a directory that is gone is counted and costs nothing else") {
    BanStore store("/nonexistent/spill");
    store.note_dial("kraken", UnixNanos{5});
    CHECK(store.failed() == 1);
    BanStore nothing("");
    nothing.note_ban("kraken", UnixNanos{5});
    CHECK(nothing.load("kraken") == VenueRecord{});
    CHECK(nothing.failed() == 0);
}

TEST_CASE("the record of dials is bounded") {
    Folder folder;
    BanStore store(folder.path.string());
    for (std::int64_t i = 0; i < 300; ++i) store.note_dial("kraken", UnixNanos{i});
    VenueRecord const record = store.load("kraken");
    CHECK(record.dials.size() == BanStore::kMaxDials);
    CHECK(record.dials.back() == UnixNanos{299});
}

TEST_CASE("a ban outlives the process: the next one does not dial before its end") {
    Folder folder;
    fake::Script script;
    script.http_status = 429;
    script.retry_after = "3600";
    World first;
    first.instrument("AAA");
    fake::Venue fake(first.io, script);
    BanStore store(folder.path.string());
    LinkConfig link = first.link(fake, {"AAA"});
    link.bans = &store;
    auto const feed = first.start({link});
    REQUIRE(first.run_until([&] { return store.load("plain").banned_until.ns != 0; }));
    CHECK(store.load("plain").banned_until > now_plus(std::chrono::seconds{3590}));
    CHECK(store.load("plain").dials.size() == 1);

    // No goodbye: the next process knows only the file.
    World second;
    second.instrument("AAA");
    BanStore reread(folder.path.string());
    link.spec = &second.spec;
    link.bans = &reread;
    auto const again = second.start({link});
    second.run_until([] { return false; }, 300ms);
    CHECK(value(again->stats()[0]->dials) == 0);
    CHECK(again->stats()[0]->state.load() == static_cast<std::uint8_t>(LinkState::Banned));
    CHECK(fake.accepted() == 1);
}

TEST_CASE("dials before a restart count against the venue's budget") {
    Folder folder;
    BanStore store(folder.path.string());
    for (int i = 0; i < 3; ++i) store.note_dial("plain", now_plus(std::chrono::seconds{-1}));
    World world;
    world.spec.dials_per_window = 3;
    world.spec.dial_window = std::chrono::seconds{60};
    world.instrument("AAA");
    fake::Venue fake(world.io, {});
    LinkConfig link = world.link(fake, {"AAA"});
    link.bans = &store;
    auto const feed = world.start({link});
    world.run_until([] { return false; }, 300ms);
    CHECK(value(feed->stats()[0]->dials) == 0);
}

}  // namespace spill
