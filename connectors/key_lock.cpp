#include "connectors/key_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <utility>

namespace spill {
namespace {

// Two rounds of FNV-1a over venue and key. Not reversible for a key of ordinary length, and the
// file holds nothing.
std::uint64_t name_of(std::string_view venue, std::string_view key) noexcept {
    std::uint64_t sum = 0xCBF29CE484222325ULL;
    for (int round = 0; round < 2; ++round) {
        for (std::string_view const part : {venue, std::string_view("/"), key}) {
            for (char const c : part) {
                sum = (sum ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
            }
        }
    }
    return sum;
}

}  // namespace

Result<KeyLock> KeyLock::take(const std::string& directory, std::string_view venue,
                              std::string_view key) {
    char name[40];
    std::snprintf(name, sizeof name, "/key-%016llx.lock",
                  static_cast<unsigned long long>(name_of(venue, key)));
    std::string const path = directory + name;
    int const fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        return fail(Errc::System, "venue " + std::string(venue) +
                                      ": cannot make the lock file in " + directory + ": " +
                                      std::strerror(errno));
    }
    if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
        ::close(fd);
        return fail(Errc::Duplicate,
                    "venue " + std::string(venue) +
                        ": another process uses its key, and the venue grants it one connection; "
                        "stop that process or use another key");
    }
    return KeyLock(fd);
}

KeyLock::KeyLock(KeyLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

KeyLock::~KeyLock() {
    if (fd_ >= 0) ::close(fd_);
}

}  // namespace spill
