#include "connectors/ban_store.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <fstream>
#include <iterator>

namespace spill {
namespace {

constexpr std::string_view kMagic = "spilloverd-venue-1";
constexpr std::size_t kMaxFile = 16 * 1024;

// FNV-1a: finds a torn or flipped file, not an attacker.
std::uint64_t checksum(std::string_view text) noexcept {
    std::uint64_t sum = 0xCBF29CE484222325ULL;
    for (char const c : text) {
        sum = (sum ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
    }
    return sum;
}

// Takes "word number\n" off `text`.
template <class Number>
bool take_line(std::string_view& text, std::string_view word, Number& value, int base = 10) {
    std::size_t const end = text.find('\n');
    if (end == std::string_view::npos || !text.starts_with(word)) return false;
    std::string_view const digits = text.substr(word.size(), end - word.size());
    auto const [rest, ec] = std::from_chars(digits.begin(), digits.end(), value, base);
    if (ec != std::errc{} || rest != digits.end()) return false;
    text.remove_prefix(end + 1);
    return true;
}

}  // namespace

std::string encode_record(const VenueRecord& record) {
    std::string text(kMagic);
    text += "\nbanned_until " + std::to_string(record.banned_until.ns) + "\n";
    for (UnixNanos const dial : record.dials) text += "dial " + std::to_string(dial.ns) + "\n";
    char line[32];
    std::snprintf(line, sizeof line, "sum %016llx\n",
                  static_cast<unsigned long long>(checksum(text)));
    return text + line;
}

bool decode_record(std::string_view text, VenueRecord& record) {
    std::size_t const tail = text.rfind("sum ");
    if (tail == std::string_view::npos) return false;
    std::string_view last = text.substr(tail);
    std::string_view body = text.substr(0, tail);
    std::uint64_t sum = 0;
    if (!take_line(last, "sum ", sum, 16) || !last.empty() || sum != checksum(body)) return false;
    if (!body.starts_with(kMagic)) return false;
    body.remove_prefix(kMagic.size());
    if (!body.starts_with('\n')) return false;
    body.remove_prefix(1);
    VenueRecord read;
    if (!take_line(body, "banned_until ", read.banned_until.ns)) return false;
    while (!body.empty()) {
        UnixNanos dial;
        if (!take_line(body, "dial ", dial.ns)) return false;
        read.dials.push_back(dial);
    }
    record = std::move(read);
    return true;
}

std::string BanStore::path_of(std::string_view venue) const {
    return directory_ + "/venue-" + std::string(venue) + ".state";
}

VenueRecord BanStore::read(std::string_view venue) {
    VenueRecord record;
    if (directory_.empty()) return record;
    std::ifstream file(path_of(venue), std::ios::binary);
    if (!file) return record;  // the first start
    std::string text(kMaxFile, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
    if (!decode_record(text, record)) ++damaged_;
    return record;
}

void BanStore::write(std::string_view venue, const VenueRecord& record) {
    if (directory_.empty()) return;
    std::string const path = path_of(venue);
    std::string const fresh = path + ".new";
    bool written = false;
    {
        std::ofstream file(fresh, std::ios::binary | std::ios::trunc);
        file << encode_record(record);
        file.close();
        written = file.good();
    }
    if (!written || std::rename(fresh.c_str(), path.c_str()) != 0) ++failed_;
}

VenueRecord BanStore::load(std::string_view venue) {
    std::scoped_lock const guard(lock_);
    return read(venue);
}

void BanStore::note_dial(std::string_view venue, UnixNanos at) {
    std::scoped_lock const guard(lock_);
    VenueRecord record = read(venue);
    if (record.dials.size() >= kMaxDials) record.dials.erase(record.dials.begin());
    record.dials.push_back(at);
    write(venue, record);
}

void BanStore::note_ban(std::string_view venue, UnixNanos until) {
    std::scoped_lock const guard(lock_);
    VenueRecord record = read(venue);
    if (until <= record.banned_until) return;
    record.banned_until = until;
    write(venue, record);
}

std::uint64_t BanStore::damaged() const {
    std::scoped_lock const guard(lock_);
    return damaged_;
}

std::uint64_t BanStore::failed() const {
    std::scoped_lock const guard(lock_);
    return failed_;
}

}  // namespace spill
