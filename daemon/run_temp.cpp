#include "daemon/commands.hpp"
namespace spill {
int run_demo(const DemoOptions&) { return 1; }
}  // namespace spill
