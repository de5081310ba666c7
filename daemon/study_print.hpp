// A study's rows for people and for programs.
#pragma once

#include <string>

#include "daemon/study_metrics.hpp"

namespace spill::study {

[[nodiscard]] std::string to_text(const Report& report);
// One object: {"rows":[{"section",...,"n","days","value","low","high","reference"}],"notes":[..]}.
[[nodiscard]] std::string to_json(const Report& report);

}  // namespace spill::study
