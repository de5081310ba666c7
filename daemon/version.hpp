// The version of this build.
#pragma once

namespace spill {
[[nodiscard]] const char* version() noexcept;
}
