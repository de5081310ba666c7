// Errors that happen are values; errors that must not happen stop the process.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string>
#include <utility>

#include <tl/expected.hpp>

namespace spill {

enum class Errc : std::uint8_t {
    InvalidArgument,  // the caller's text or value is not of the expected form
    OutOfRange,       // well-formed, but outside what is allowed or representable
    NotFound,
    Duplicate,
    Unavailable,  // the other side is not there now; trying later may help
    Corrupt,      // data that we wrote does not read back as written
    System        // the operating system said no
};

struct Error {
    Errc code = Errc::InvalidArgument;
    std::string message;  // one line, names the thing and the remedy, never a secret
};

template <class T>
using Result = tl::expected<T, Error>;

[[nodiscard]] inline tl::unexpected<Error> fail(Errc code, std::string message) {
    return tl::make_unexpected(Error{code, std::move(message)});
}

// Aborts when an invariant is broken; on in release builds as well. The expression stands in the
// core dump's stack; nothing is printed since core has no I/O.
#define SPILL_CHECK(expression)         \
    do {                                \
        if (!(expression)) [[unlikely]] \
            ::std::abort();             \
    } while (false)

}  // namespace spill
