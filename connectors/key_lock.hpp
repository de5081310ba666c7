// One owner per key: a venue that grants a key one connection must not be fought over by two
// processes of ours. The lock is the kernel's and goes with the process, however it ends.
#pragma once

#include <string>
#include <string_view>

#include "core/error.hpp"

namespace spill {

class KeyLock {
public:
    // Takes the lock of `key` in `directory`. The file's name is a hash: neither it nor the error
    // says anything of the key. Errors: Duplicate when another process has it (names the venue),
    // System when the file cannot be made.
    [[nodiscard]] static Result<KeyLock> take(const std::string& directory, std::string_view venue,
                                              std::string_view key);
    KeyLock(KeyLock&& other) noexcept;
    KeyLock& operator=(KeyLock&&) = delete;
    KeyLock(const KeyLock&) = delete;
    ~KeyLock();

private:
    explicit KeyLock(int fd) noexcept : fd_(fd) {}
    int fd_;
};

}  // namespace spill
