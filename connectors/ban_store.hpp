// What a venue told us to keep to, across restarts: bans and the dials that were spent.
//
// One small file per venue in the state directory, written whole beside the old one and renamed
// over it, so that a kill leaves one or the other. A file that is damaged is ignored and counted:
// a ban may then be forgotten, but nothing is ever invented. Times are wall times, since nothing
// else survives a restart. Edges only (dials, refusals), never per message; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "core/types.hpp"

namespace spill {

struct VenueRecord {
    UnixNanos banned_until;        // zero = no ban
    std::vector<UnixNanos> dials;  // oldest first
    bool operator==(const VenueRecord&) const = default;
};

// The text of a record with its checksum, and back. False when the text is damaged.
[[nodiscard]] std::string encode_record(const VenueRecord& record);
[[nodiscard]] bool decode_record(std::string_view text, VenueRecord& record);

class BanStore {
public:
    static constexpr std::size_t kMaxDials = 256;  // remembered per venue

    // `directory` must exist; empty = remember nothing.
    explicit BanStore(std::string directory) : directory_(std::move(directory)) {}

    [[nodiscard]] VenueRecord load(std::string_view venue);
    // Adds to what is known. Failures are counted, never thrown.
    void note_dial(std::string_view venue, UnixNanos at);
    void note_ban(std::string_view venue, UnixNanos until);

    [[nodiscard]] std::uint64_t damaged() const;  // files that were ignored
    [[nodiscard]] std::uint64_t failed() const;   // writes that did not happen

private:
    [[nodiscard]] std::string path_of(std::string_view venue) const;
    [[nodiscard]] VenueRecord read(std::string_view venue);
    void write(std::string_view venue, const VenueRecord& record);

    std::string directory_;
    mutable std::mutex lock_;
    std::uint64_t damaged_ = 0;
    std::uint64_t failed_ = 0;
};

}  // namespace spill
