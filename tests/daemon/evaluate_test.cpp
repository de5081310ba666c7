#include "daemon/evaluate.hpp"

#include <sstream>
#include <string>

#include <doctest/doctest.h>

#include "daemon/exit_code.hpp"

using namespace spill;

namespace {

std::string evaluated(const EvaluateOptions& options, int* code = nullptr) {
    std::ostringstream out;
    std::ostringstream err;
    int const result = run_evaluate(options, out, err);
    if (code != nullptr) *code = result;
    CHECK(err.str().empty());
    return out.str();
}

}  // namespace

TEST_CASE("an evaluation repeats byte for byte and differs with the seed") {
    EvaluateOptions options;
    options.episodes = 3;
    options.json = true;
    std::string const first = evaluated(options);
    CHECK(first == evaluated(options));
    options.seed = 3;
    CHECK(first != evaluated(options));
}

TEST_CASE("the JSON form carries gates with their bounds and fails when one of them does") {
    EvaluateOptions options;
    options.episodes = 3;
    options.json = true;
    int code = -1;
    std::string const text = evaluated(options, &code);
    CHECK(text.starts_with("{\"gates\":[{\"name\":\"breakout_precision\",\"value\":"));
    CHECK(text.find("\"bound\":0.750,\"pass\":") != std::string::npos);
    CHECK(text.find("\"tables\":{\"breakout\":[{\"class\":\"true breakout\"") != std::string::npos);
    bool const failed = text.find("\"pass\":false") != std::string::npos;
    CHECK(code == (failed ? exit_code::kFailure : exit_code::kOk));
}

TEST_CASE("options out of range are refused with the usage code") {
    for (EvaluateOptions const& options :
         {EvaluateOptions{.episodes = 1}, EvaluateOptions{.noise = -1.0},
          EvaluateOptions{.variance_exponent = 1.5}}) {
        std::ostringstream out;
        std::ostringstream err;
        CHECK(run_evaluate(options, out, err) == exit_code::kUsage);
        CHECK(out.str().empty());
        CHECK(err.str().find("must be within") != std::string::npos);
    }
}
