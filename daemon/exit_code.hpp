// How the program ends, after sysexits(3): a supervisor can tell "fix the file" from "try again".
#pragma once

namespace spill::exit_code {

inline constexpr int kOk = 0;
inline constexpr int kFailure = 1;       // something broke while running
inline constexpr int kUsage = 64;        // unknown subcommand, option or value
inline constexpr int kUnavailable = 69;  // the other side is not there
inline constexpr int kConfig = 78;       // the configuration is wrong; restarting will not help

}  // namespace spill::exit_code
