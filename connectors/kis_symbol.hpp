// The names of KIS: a stock's code, and the transaction that shows it on one venue or on both.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace spill {

struct KisFeed {
    std::string_view transaction;
    std::string_view suffix;  // of our symbol, behind the code
};

inline constexpr std::array<KisFeed, 3> kKisFeeds{{
    {.transaction = "H0UNCNT0", .suffix = ""},      // KRX and NXT together
    {.transaction = "H0STCNT0", .suffix = ".KRX"},  // KRX alone
    {.transaction = "H0NXCNT0", .suffix = ".NXT"},  // NXT alone
}};

inline constexpr std::string_view kKisStatus = "H0STMKO0";  // halts and market phases of a stock

[[nodiscard]] constexpr KisFeed const* find_kis_feed(std::string_view transaction) noexcept {
    for (KisFeed const& feed : kKisFeeds) {
        if (feed.transaction == transaction) return &feed;
    }
    return nullptr;
}

struct KisSymbol {
    std::string_view code;
    KisFeed const* feed = nullptr;  // never null after split_kis_symbol
};

[[nodiscard]] constexpr KisSymbol split_kis_symbol(std::string_view symbol) noexcept {
    for (KisFeed const& feed : kKisFeeds) {
        if (feed.suffix.empty() || !symbol.ends_with(feed.suffix)) continue;
        return {symbol.substr(0, symbol.size() - feed.suffix.size()), &feed};
    }
    return {symbol, kKisFeeds.data()};
}

// Room for one symbol that the frame does not hold as it is.
class KisName {
public:
    // Empty when the code is longer than any code.
    [[nodiscard]] constexpr std::string_view join(std::string_view code,
                                                  const KisFeed& feed) noexcept {
        if (feed.suffix.empty()) return code;
        if (code.size() + feed.suffix.size() > text_.size()) return {};
        std::size_t size = 0;
        for (char const c : code) text_[size++] = c;
        for (char const c : feed.suffix) text_[size++] = c;
        return {text_.data(), size};
    }

private:
    std::array<char, 16> text_{};
};

}  // namespace spill
