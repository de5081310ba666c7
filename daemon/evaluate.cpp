#include "daemon/evaluate.hpp"

#include <ostream>

#include "daemon/calendar_file.hpp"
#include "daemon/cli.hpp"
#include "daemon/evaluate_faults.hpp"
#include "daemon/evaluate_naive_rotation.hpp"
#include "daemon/evaluate_unwind.hpp"
#include "daemon/exit_code.hpp"

namespace spill {

int run_evaluate(const EvaluateOptions& options, std::ostream& out, std::ostream& err) {
    if (options.episodes < kMinEpisodes || options.episodes > kMaxEpisodes) {
        return usage_error(err, "--episodes must be within 2 and 1000");
    }
    if (!(options.noise >= 0.0 && options.noise <= 3.0)) {
        return usage_error(err, "--noise must be within 0 and 3");
    }
    if (!(options.variance_exponent >= 0.0 && options.variance_exponent <= 1.0)) {
        return usage_error(err, "--variance-exponent must be within 0 and 1");
    }
    auto const calendars = load_calendars("");
    if (!calendars) {
        err << "spilloverd evaluate: " << calendars.error().message << '\n';
        return exit_code::kFailure;
    }
    Evaluation evaluation;
    evaluate_breakouts(options, *calendars, evaluation);
    evaluate_tokens(options, *calendars, evaluation);
    evaluate_naive_rotation(options, evaluation);
    evaluate_unwind(options, *calendars, evaluation);
    evaluate_faults(options, *calendars, evaluation);
    if (options.json) {
        print_json(evaluation, out);
    } else {
        print_text(evaluation, out);
    }
    return evaluation.pass() ? exit_code::kOk : exit_code::kFailure;
}

}  // namespace spill
