#include "connectors/key_lock.hpp"

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include <doctest/doctest.h>

namespace spill {
namespace {

struct LockFolder {
    std::string path = (std::filesystem::temp_directory_path() / "spill-XXXXXX").string();
    LockFolder() { REQUIRE(::mkdtemp(path.data()) != nullptr); }
    ~LockFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
    }
};

constexpr const char* kKey = "AKIAVERYSECRET";

}  // namespace

TEST_CASE("a key has one owner, who is named by venue and never by key") {
    LockFolder folder;
    auto first = KeyLock::take(folder.path, "alpaca", kKey);
    REQUIRE(first.has_value());
    auto const second = KeyLock::take(folder.path, "alpaca", kKey);
    REQUIRE_FALSE(second.has_value());
    CHECK(second.error().code == Errc::Duplicate);
    CHECK(second.error().message.find("alpaca") != std::string::npos);
    CHECK(second.error().message.find(kKey) == std::string::npos);
    CHECK(KeyLock::take(folder.path, "alpaca", "another").has_value());
    CHECK(KeyLock::take(folder.path, "finnhub", kKey).has_value());
    for (auto const& entry : std::filesystem::directory_iterator(folder.path)) {
        CHECK(entry.path().string().find(kKey) == std::string::npos);
        CHECK(std::filesystem::file_size(entry.path()) == 0);
    }
}

TEST_CASE("the lock goes with its owner, and moves with it") {
    LockFolder folder;
    std::optional<KeyLock> owner;
    owner.emplace(*KeyLock::take(folder.path, "alpaca", kKey));
    CHECK_FALSE(KeyLock::take(folder.path, "alpaca", kKey).has_value());
    owner.reset();
    CHECK(KeyLock::take(folder.path, "alpaca", kKey).has_value());
}

TEST_CASE("a directory that is not there is a clear error") {
    auto const lock = KeyLock::take("/nonexistent/spill", "alpaca", kKey);
    REQUIRE_FALSE(lock.has_value());
    CHECK(lock.error().code == Errc::System);
    CHECK(lock.error().message.find("alpaca") != std::string::npos);
}

}  // namespace spill
