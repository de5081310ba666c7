// A question to the core thread and its answer: one at a time, without a lock.
//
// The asking thread writes the name and hands the desk over; the core thread answers between two
// batches and hands it back. An idle desk costs the core one relaxed load per batch.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/engine.hpp"
#include "core/params.hpp"
#include "core/signal.hpp"
#include "daemon/explain.hpp"

namespace spill {

class ExplainDesk {
public:
    // Asking thread. False while another question is on the desk.
    [[nodiscard]] bool ask(std::string_view name) noexcept {
        if (state_.load(std::memory_order_acquire) != State::Free) return false;
        name_ = FixedText<56>(name);
        state_.store(State::Asked, std::memory_order_release);
        return true;
    }
    // Asking thread. The answer once it is there, valid until clear(); empty = not known.
    [[nodiscard]] std::optional<std::string_view> answer() const noexcept {
        if (state_.load(std::memory_order_acquire) != State::Answered) return std::nullopt;
        return std::string_view(text_.data(), size_);
    }
    // Asking thread, after an answer.
    void clear() noexcept { state_.store(State::Free, std::memory_order_release); }

    // Core thread, between events.
    void serve(const Engine& engine, const Params& params) noexcept {
        if (state_.load(std::memory_order_relaxed) != State::Asked) return;
        std::atomic_thread_fence(std::memory_order_acquire);
        size_ = write_explain(engine, params, name_.view(), text_);
        state_.store(State::Answered, std::memory_order_release);
    }

private:
    enum class State : std::uint8_t { Free, Asked, Answered };
    std::atomic<State> state_{State::Free};
    FixedText<56> name_;
    std::size_t size_ = 0;
    std::array<char, kMaxExplainBytes> text_{};
};

}  // namespace spill
