// The faults of a configuration as lines of text, printable when a check fails.
#pragma once

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "daemon/config.hpp"

namespace spill::test {

using Lines = std::vector<std::string>;

[[nodiscard]] inline Lines faults_of(ConfigResult const& result) {
    Lines out;
    for (ConfigIssue const& issue : result.issues) out.push_back(to_string(issue));
    return out;
}

}  // namespace spill::test

template <>
struct doctest::StringMaker<std::vector<std::string>> {
    static String convert(std::vector<std::string> const& lines) {
        std::string text;
        for (std::string const& line : lines) text += "\n    " + line;
        return text.c_str();
    }
};
