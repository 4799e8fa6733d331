// The executor of a simulation, as Asio wants it.
#pragma once

#include "simulation/context.hpp"

#include <boost/asio/execution/blocking.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/execution/outstanding_work.hpp>

#include <type_traits>
#include <utility>

namespace echosocket::testing {

/// Thread safety and lifetime: those of the context.
class simulation_executor {
public:
    explicit simulation_executor(simulation_context& context) noexcept : context_(&context) {}
    simulation_executor(const simulation_executor& other) noexcept
        : context_(other.context_), never_inline_(other.never_inline_), tracks_work_(other.tracks_work_) {
        count(1);
    }
    simulation_executor& operator=(const simulation_executor& other) noexcept {
        auto copy = other;
        std::swap(context_, copy.context_);
        std::swap(never_inline_, copy.never_inline_);
        std::swap(tracks_work_, copy.tracks_work_);
        return *this;
    }
    ~simulation_executor() { count(-1); }

    // What Asio may ask and demand.
    [[nodiscard]] asio::execution_context& query(asio::execution::context_t) const noexcept { return *context_; }
    [[nodiscard]] asio::execution::blocking_t query(asio::execution::blocking_t) const noexcept {
        return never_inline_ ? asio::execution::blocking_t(asio::execution::blocking.never)
                             : asio::execution::blocking_t(asio::execution::blocking.possibly);
    }
    [[nodiscard]] asio::execution::outstanding_work_t query(asio::execution::outstanding_work_t) const noexcept {
        return tracks_work_ ? asio::execution::outstanding_work_t(asio::execution::outstanding_work.tracked)
                            : asio::execution::outstanding_work_t(asio::execution::outstanding_work.untracked);
    }
    [[nodiscard]] simulation_executor require(asio::execution::blocking_t::never_t) const noexcept {
        return {context_, true, tracks_work_};
    }
    [[nodiscard]] simulation_executor require(asio::execution::blocking_t::possibly_t) const noexcept {
        return {context_, false, tracks_work_};
    }
    [[nodiscard]] simulation_executor require(asio::execution::outstanding_work_t::tracked_t) const noexcept {
        return {context_, never_inline_, true};
    }
    [[nodiscard]] simulation_executor require(asio::execution::outstanding_work_t::untracked_t) const noexcept {
        return {context_, never_inline_, false};
    }

    template <class Function>
    void execute(Function&& function) const {
        if (never_inline_) {
            context_->post(std::decay_t<Function>(std::forward<Function>(function)));
        } else {
            context_->dispatch(std::decay_t<Function>(std::forward<Function>(function)));
        }
    }

    friend bool operator==(const simulation_executor& a, const simulation_executor& b) noexcept {
        return a.context_ == b.context_ && a.never_inline_ == b.never_inline_ && a.tracks_work_ == b.tracks_work_;
    }
    friend bool operator!=(const simulation_executor& a, const simulation_executor& b) noexcept { return !(a == b); }

private:
    simulation_executor(simulation_context* context, bool never_inline, bool tracks_work) noexcept
        : context_(context), never_inline_(never_inline), tracks_work_(tracks_work) {
        count(1);
    }
    void count(std::ptrdiff_t change) const noexcept {
        if (tracks_work_) context_->add_work(change);
    }

    simulation_context* context_;
    bool never_inline_ = false;
    bool tracks_work_ = false;
};

}  // namespace echosocket::testing
