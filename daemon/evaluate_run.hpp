// Runs planted events through an engine and keeps the edges.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/signal.hpp"
#include "core/types.hpp"

namespace spill {

struct EdgeAt {
    std::string state;
    UnixNanos at;
};

// The edges of every key, in order.
class EdgeLog final : public SignalSink {
public:
    void on_signal(const Signal& signal) noexcept override {
        if (signal.type == SignalType::Health) return;
        edges_[std::string(signal.key.view())].push_back({signal.state, signal.ts_signal});
    }
    // When the key first reached the state.
    [[nodiscard]] std::optional<UnixNanos> first(const std::string& key,
                                                 std::string_view state) const {
        auto const it = edges_.find(key);
        if (it == edges_.end()) return std::nullopt;
        for (const EdgeAt& edge : it->second) {
            if (edge.state == state) return edge.at;
        }
        return std::nullopt;
    }
    // Likewise, within the given minutes, both included.
    [[nodiscard]] std::optional<UnixNanos> first_within(const std::string& key,
                                                        std::string_view state, UnixNanos from,
                                                        UnixNanos to) const {
        auto const it = edges_.find(key);
        if (it == edges_.end()) return std::nullopt;
        for (const EdgeAt& edge : it->second) {
            if (edge.state == state && edge.at >= from && edge.at <= to) return edge.at;
        }
        return std::nullopt;
    }
    // "key state minute" of every edge; without those that a single trade makes.
    [[nodiscard]] std::string minute_level() const {
        std::string text;
        for (const auto& [key, edges] : edges_) {
            for (const EdgeAt& edge : edges) {
                if (edge.state == "armed" || edge.state == "idle") continue;
                text += key + ' ' + edge.state;
                if (edge.state != "triggered") text += ' ' + std::to_string(minute_of(edge.at));
                text += '\n';
            }
        }
        return text;
    }
    // As above with every edge and its nanosecond.
    [[nodiscard]] std::string all() const {
        std::string text;
        for (const auto& [key, edges] : edges_) {
            for (const EdgeAt& edge : edges) {
                text += key + ' ' + edge.state + ' ' + std::to_string(edge.at.ns) + '\n';
            }
        }
        return text;
    }
    [[nodiscard]] int count(const std::string& key, std::string_view state) const {
        auto const it = edges_.find(key);
        int n = 0;
        if (it != edges_.end()) {
            for (const EdgeAt& edge : it->second) n += edge.state == state ? 1 : 0;
        }
        return n;
    }
    void clear() { edges_.clear(); }

private:
    std::map<std::string, std::vector<EdgeAt>> edges_;
};

[[nodiscard]] inline double minutes_between(UnixNanos from, UnixNanos to) noexcept {
    return static_cast<double>(to.ns - from.ns) / static_cast<double>(kNanosPerMinute);
}

}  // namespace spill
