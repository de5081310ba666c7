#include "daemon/config_value.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <span>
#include <vector>

#include "daemon/nearest.hpp"

namespace spill {
namespace {

struct Unit {
    std::string_view name;
    std::int64_t factor;
};

constexpr std::array<Unit, 7> kTimeUnits{{{"ns", 1},
                                          {"us", 1'000},
                                          {"ms", 1'000'000},
                                          {"s", 1'000'000'000},
                                          {"min", 60'000'000'000},
                                          {"h", 3'600'000'000'000},
                                          {"d", 86'400'000'000'000}}};
constexpr std::array<Unit, 4> kByteUnits{
    {{"B", 1}, {"KiB", 1LL << 10}, {"MiB", 1LL << 20}, {"GiB", 1LL << 30}}};

std::string names_of(std::span<const Unit> units) {
    std::string text;
    for (Unit const& unit : units) {
        if (!text.empty()) text += ", ";
        text += unit.name;
    }
    return text;
}

struct Measure {
    std::string_view what;
    std::string_view example;
    std::span<const Unit> units;
};

Result<std::int64_t> parse_measure(std::string_view text, Measure const& measure) {
    NumberWithUnit const parts = split_unit(text);
    auto const number = parse_number(parts.number);
    if (!number) {
        return fail(Errc::InvalidArgument, "\"" + std::string(text) + "\" is not " +
                                               std::string(measure.what) + " such as \"" +
                                               std::string(measure.example) + "\"");
    }
    if (parts.unit.empty() && *number == 0) return 0;
    if (parts.unit.empty()) {
        return fail(Errc::InvalidArgument,
                    "\"" + std::string(text) + "\" needs a unit: " + names_of(measure.units));
    }
    auto const unit = std::ranges::find(measure.units, parts.unit, &Unit::name);
    if (unit == measure.units.end()) {
        return fail(Errc::InvalidArgument, "wrong unit \"" + std::string(parts.unit) +
                                               "\", use one of: " + names_of(measure.units));
    }
    double const value = std::round(*number * static_cast<double>(unit->factor));
    if (!(std::abs(value) < 9e18)) {
        return fail(Errc::OutOfRange, "\"" + std::string(text) + "\" is too large");
    }
    return static_cast<std::int64_t>(value);
}

std::string format_measure(std::int64_t value, std::span<const Unit> units) {
    Unit best = units.front();
    for (Unit const& unit : units) {
        if (value != 0 && value % unit.factor == 0) best = unit;
    }
    return std::to_string(value / best.factor) + " " + std::string(best.name);
}

bool is_name_char(char c) noexcept {
    return c == '_' || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

// `body` is what stands between the braces.
Result<std::string> resolve_variable(std::string_view body) {
    std::size_t end = 0;
    while (end < body.size() && is_name_char(body[end])) ++end;
    std::string const name(body.substr(0, end));
    std::string_view const rest = body.substr(end);
    bool const has_default = rest.starts_with(":-");
    bool const has_message = rest.starts_with(":?");
    if (name.empty() || (!rest.empty() && !has_default && !has_message)) {
        return fail(Errc::InvalidArgument,
                    "\"${" + std::string(body) +
                        "}\" is not of the form ${NAME}, ${NAME:-default} or ${NAME:?message}");
    }
    char const* const value = std::getenv(name.c_str());
    bool const empty = value == nullptr || *value == '\0';
    if (has_default && empty) return std::string(rest.substr(2));
    if (has_message && empty) {
        return fail(Errc::NotFound, name + ": " + std::string(rest.substr(2)));
    }
    if (value == nullptr) {
        return fail(Errc::NotFound, "the environment variable " + name +
                                        " is not set; set it or write ${" + name + ":-default}");
    }
    return std::string(value);
}

template <class Number>
std::optional<Number> parse_all(std::string_view text) {
    if (text.starts_with('+')) text.remove_prefix(1);
    Number value{};
    char const* const end = text.data() + text.size();
    auto const [stop, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || stop != end) return std::nullopt;
    return value;
}

}  // namespace

Result<std::string> expand_environment(std::string_view text) {
    std::string out;
    std::size_t at = 0;
    while (at < text.size()) {
        std::string_view const rest = text.substr(at);
        if (rest.starts_with("$$")) {
            out += '$';
            at += 2;
        } else if (rest.starts_with("${")) {
            std::size_t const close = rest.find('}');
            if (close == std::string_view::npos) {
                return fail(Errc::InvalidArgument, "\"${\" without \"}\"");
            }
            auto value = resolve_variable(rest.substr(2, close - 2));
            if (!value) return value;
            out += *value;
            at += close + 1;
        } else {
            out += text[at++];
        }
    }
    return out;
}

std::optional<bool> parse_flag(std::string_view text) {
    if (text == "true") return true;
    if (text == "false") return false;
    return std::nullopt;
}

std::optional<double> parse_number(std::string_view text) {
    auto const value = parse_all<double>(text);
    return value && std::isfinite(*value) ? value : std::nullopt;
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
    return parse_all<std::int64_t>(text);
}

NumberWithUnit split_unit(std::string_view text) noexcept {
    std::size_t end = 0;
    auto const in_number = [](char c) { return (c >= '0' && c <= '9') || c == '.' || c == '-'; };
    while (end < text.size() && in_number(text[end])) ++end;
    std::string_view unit = text.substr(end);
    while (unit.starts_with(' ')) unit.remove_prefix(1);
    return NumberWithUnit{.number = text.substr(0, end), .unit = unit};
}

Result<std::chrono::nanoseconds> parse_duration(std::string_view text) {
    return parse_measure(text, {.what = "a duration", .example = "2 s", .units = kTimeUnits})
        .map([](std::int64_t ns) { return std::chrono::nanoseconds{ns}; });
}

Result<std::int64_t> parse_bytes(std::string_view text) {
    return parse_measure(text, {.what = "a size", .example = "64 KiB", .units = kByteUnits});
}

std::string format_duration(std::chrono::nanoseconds value) {
    if (value.count() == 0) return "0 s";
    return format_measure(value.count(), kTimeUnits);
}

std::string format_bytes(std::int64_t value) { return format_measure(value, kByteUnits); }

std::string format_number(double value) {
    std::array<char, 32> text{};
    auto const [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} ? std::string(text.data(), end) : std::string("nan");
}

}  // namespace spill
