#include "daemon/version.hpp"

namespace spill {
const char* version() noexcept { return SPILL_VERSION; }
}  // namespace spill
