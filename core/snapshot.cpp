// Snapshots of the engine: head (magic, version, fingerprints of the configuration), body, checksum
// of everything before it. A head that does not match explains which part of the configuration
// differs.
#include <algorithm>
#include <array>
#include <bit>
#include <string>

#include "core/archive.hpp"
#include "core/engine.hpp"
#include "core/param_table.hpp"

namespace spill {
namespace {

constexpr std::array<char, 4> kMagic{'S', 'P', 'S', 'N'};
// Counts the forms of the body. A change of any archive() gives the next one.
constexpr std::uint32_t kVersion = 2;
constexpr std::size_t kChecksumSize = sizeof(std::uint64_t);

// What the state hangs on. Compared in this order, since feeds name instruments and groups.
struct Fingerprints {
    std::uint64_t groups = 0, instruments = 0, feeds = 0, params = 0;

    template <class A>
    void archive(A& a) {
        a(groups, instruments, feeds, params);
    }
};

struct Head {
    std::array<char, 4> magic = kMagic;
    std::uint32_t version = kVersion;
    Fingerprints made_with;

    template <class A>
    void archive(A& a) {
        a(magic, version, made_with);
    }
};
constexpr std::size_t kHeadSize = 4 + 4 + 4 * 8;

std::uint64_t hash_groups(const Registry& registry) noexcept {
    Fnv64 hash;
    hash.add(std::uint64_t{registry.groups().size()});
    for (const Group& row : registry.groups()) {
        hash.add(row.name);
        hash.add(std::uint64_t{row.parent.value});
        hash.add(std::uint64_t{row.tokens});
    }
    return hash.value();
}

std::uint64_t hash_instruments(const Registry& registry) noexcept {
    Fnv64 hash;
    hash.add(std::uint64_t{registry.instruments().size()});
    for (const Instrument& row : registry.instruments()) {
        hash.add(row.name);
        hash.add(static_cast<std::uint64_t>(row.market));
        hash.add(static_cast<std::uint64_t>(row.role));
        hash.add(std::uint64_t{row.group.value});
        hash.add(std::uint64_t{row.parent.value});
        hash.add(std::uint64_t{row.proxy_for.value});
        hash.add(static_cast<std::uint64_t>(row.tick.nanos));
        hash.add(static_cast<std::uint64_t>(row.lot.nanos));
        hash.add(std::bit_cast<std::uint64_t>(row.weight));
        hash.add(std::uint64_t{row.feeds.size()});
        for (FeedId const feed : row.feeds) hash.add(std::uint64_t{feed.value});
    }
    return hash.value();
}

std::uint64_t hash_feeds(const Registry& registry) noexcept {
    Fnv64 hash;
    hash.add(std::uint64_t{registry.feeds().size()});
    for (const Feed& row : registry.feeds()) {
        hash.add(std::uint64_t{row.instrument.value});
        hash.add(registry.venue(row.venue).name);
        hash.add(row.symbol);
        hash.add(static_cast<std::uint64_t>(row.coverage));
        hash.add(std::uint64_t{row.trusted});
        hash.add(static_cast<std::uint64_t>(row.multiplier_e9));
    }
    return hash.value();
}

std::uint64_t hash_params(const Params& params) noexcept {
    Fnv64 hash;
    for_each_param(params, [&](const char* name, auto value, auto&&...) {
        hash.add(std::string_view(name));
        hash.add(std::bit_cast<std::uint64_t>(static_cast<double>(value)));
    });
    return hash.value();
}

Fingerprints fingerprints(const Registry& registry, const Params& params) noexcept {
    return Fingerprints{.groups = hash_groups(registry),
                        .instruments = hash_instruments(registry),
                        .feeds = hash_feeds(registry),
                        .params = hash_params(params)};
}

std::uint64_t checksum(std::span<const std::byte> bytes) noexcept {
    Fnv64 hash;
    hash.add(bytes);
    return hash.value();
}

// The part of the configuration in which the two differ; nullptr when they are the same.
const char* difference(const Fingerprints& a, const Fingerprints& b) noexcept {
    if (a.groups != b.groups) return "groups";
    if (a.instruments != b.instruments) return "instruments";
    if (a.feeds != b.feeds) return "feeds";
    if (a.params != b.params) return "rule parameters";
    return nullptr;
}

// The body's bytes, when the snapshot is whole and of this configuration.
Result<std::span<const std::byte>> open_snapshot(std::span<const std::byte> bytes,
                                                 const Fingerprints& own) {
    Head head;
    ArchiveReader reader(bytes.first(std::min(bytes.size(), kHeadSize)),
                         ArchiveReader::Mode::Apply);
    reader(head);
    if (bytes.size() < kHeadSize || head.magic != kMagic) {
        return fail(Errc::InvalidArgument, "this is no engine snapshot: it does not begin as one");
    }
    if (head.version != kVersion) {
        return fail(Errc::InvalidArgument, "the snapshot has version " +
                                               std::to_string(head.version) +
                                               " and this program reads version " +
                                               std::to_string(kVersion) + ": start without it");
    }
    std::uint64_t stored = 0;
    bool const has_sum = bytes.size() >= kHeadSize + kChecksumSize;
    std::size_t const summed = has_sum ? bytes.size() - kChecksumSize : 0;
    ArchiveReader(bytes.subspan(summed), ArchiveReader::Mode::Apply)(stored);
    if (!has_sum || stored != checksum(bytes.first(summed))) {
        return fail(Errc::Corrupt, "the snapshot is damaged or cut: its checksum is wrong");
    }
    if (const char* const what = difference(head.made_with, own)) {
        return fail(Errc::InvalidArgument,
                    "the snapshot was made with other " + std::string(what) + ": start without it");
    }
    return bytes.subspan(kHeadSize, summed - kHeadSize);
}

}  // namespace

template <class A>
void Engine::archive(A& a) {
    a(feeds_, instruments_, tokens_);
    for (std::uint32_t& lead : lead_feed_) {
        a.bounded(lead, static_cast<std::uint32_t>(feeds_.size()));
    }
    a(better_for_, lead_observed_, groups_, markets_, next_open_, next_minute_, started_, clock_);
    a(events_, episodes_, maker_, health_);
}

void Engine::snapshot(std::vector<std::byte>& out) const {
    std::size_t const begin = out.size();
    ArchiveWriter writer(out);
    Head head;
    head.made_with = fingerprints(*registry_, params_);
    writer(head);
    // One description serves both directions; the writer only reads.
    const_cast<Engine&>(*this).archive(writer);
    std::uint64_t sum = checksum(std::span<const std::byte>(out).subspan(begin));
    writer(sum);
}

Result<void> Engine::restore(std::span<const std::byte> bytes) {
    auto const body = open_snapshot(bytes, fingerprints(*registry_, params_));
    if (!body) return tl::make_unexpected(body.error());
    // The first walk changes nothing, so that a refusal leaves the engine as it was.
    ArchiveReader check(*body, ArchiveReader::Mode::Check);
    archive(check);
    if (!check.complete()) {
        return fail(Errc::Corrupt,
                    "the snapshot does not fit this engine: it was written by another build");
    }
    ArchiveReader apply(*body, ArchiveReader::Mode::Apply);
    archive(apply);
    return {};
}

}  // namespace spill
