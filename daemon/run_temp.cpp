#include "daemon/commands.hpp"
namespace spill { int run_daemon(const RunOptions&) { return 1; } int run_demo(const DemoOptions&) { return 1; } }
