// `spilloverd replay`: recorded trades and bars through the engine that runs live.
//
// The engine's clock is made from the data: a Clock event at every instant at which a minute
// closes, and at every whole second that has an event. Nothing here reads a real clock unless
// --speed asks for a pace.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <memory>
#include <thread>

#include "core/engine.hpp"
#include "daemon/calendar_file.hpp"
#include "daemon/commands.hpp"
#include "daemon/config.hpp"
#include "daemon/csv_files.hpp"
#include "daemon/csv_source.hpp"
#include "daemon/exit_code.hpp"
#include "daemon/gateway/protocol.hpp"
#include "daemon/playback.hpp"

namespace spill {
namespace {

// Writes each signal as one line; the body of what a subscriber would get.
class LineSink final : public SignalSink {
public:
    LineSink(const Registry& registry, std::string cfg, std::FILE* out)
        : registry_(registry), cfg_(std::move(cfg)), out_(out) {}

    void on_signal(const Signal& signal) noexcept override {
        std::size_t const n = encode_signal(signal, registry_, cfg_.c_str(),
                                            std::span<char>(buffer_).first(kMaxSignalBytes));
        if (n == 0) {
            ++unencodable_;
            return;
        }
        buffer_[n] = '\n';
        if (std::fwrite(buffer_.data(), 1, n + 1, out_) != n + 1) failed_ = true;
    }
    [[nodiscard]] bool failed() const noexcept { return failed_ || unencodable_ != 0; }

private:
    const Registry& registry_;
    std::string cfg_;
    std::FILE* out_;
    std::array<char, kMaxSignalBytes + 1> buffer_{};
    std::uint64_t unencodable_ = 0;
    bool failed_ = false;
};

struct FileCloser {
    void operator()(std::FILE* file) const noexcept {
        if (file != stdout) std::fclose(file);
    }
};
using OutputFile = std::unique_ptr<std::FILE, FileCloser>;

// Holds market time to `speed` times wall time.
class Pace {
public:
    explicit Pace(double speed) : speed_(speed) {}
    void wait_for(UnixNanos market) {
        if (speed_ <= 0.0) return;
        if (!started_) {
            started_ = true;
            first_ = market;
            begin_ = std::chrono::steady_clock::now();
        }
        double const seconds = static_cast<double>(market.ns - first_.ns) / 1e9 / speed_;
        std::this_thread::sleep_until(
            begin_ + std::chrono::nanoseconds(static_cast<std::int64_t>(seconds * 1e9)));
    }

private:
    double speed_;
    bool started_ = false;
    UnixNanos first_;
    std::chrono::steady_clock::time_point begin_;
};

void play(Engine& engine, const std::vector<Event>& events, const ReplayOptions& options,
          SignalSink& sink) {
    if (events.empty()) return;
    Pace pace(options.speed);
    Playback playback(engine, sink);
    bool quiet = options.from.has_value();
    playback.start(events.front(), quiet);
    for (const Event& event : events) {
        UnixNanos const at = learned_at(event);
        if (options.to && at >= *options.to) break;
        if (quiet && at >= *options.from) {
            quiet = false;
            playback.publish_from(*options.from);
        }
        pace.wait_for(at);
        playback.play(event);
    }
    playback.finish();
}

int fail_with(const std::string& message) {
    std::cerr << "spilloverd replay: " << message << '\n';
    return exit_code::kFailure;
}

}  // namespace

int run_replay(const ReplayOptions& options) {
    ConfigResult const loaded = load_config_or_default(options.config);
    if (!loaded.ok()) {
        for (const ConfigIssue& issue : loaded.issues) std::cerr << to_string(issue) << '\n';
        return exit_code::kConfig;
    }
    auto const calendars = load_calendars(loaded.config.calendar_directory);
    if (!calendars) {
        std::cerr << calendars.error().message << '\n';
        return exit_code::kConfig;
    }
    ReplayRegistry registry(loaded.config.registry);
    auto const events = read_csv_files(options.files, registry, std::cerr);
    if (!events) return fail_with(events.error().message);

    OutputFile out(stdout);
    if (!options.output.empty() && options.output != "-") {
        out.reset(std::fopen(options.output.c_str(), "wb"));
        if (out == nullptr) return fail_with(options.output + ": " + std::strerror(errno));
    }
    LineSink sink(registry.registry(), loaded.config.hash8, out.get());
    auto const engine =
        std::make_unique<Engine>(registry.registry(), *calendars, loaded.config.params);
    play(*engine, *events, options, sink);
    if (std::fflush(out.get()) != 0 || sink.failed()) return fail_with("writing signals failed");
    return exit_code::kOk;
}

}  // namespace spill
