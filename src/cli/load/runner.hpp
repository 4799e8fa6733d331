// The load generator's loop: one thread, one epoll, any number of connections.
#pragma once

#include "cli/load/connection.hpp"
#include "cli/load/timing.hpp"

#include <sys/epoll.h>
#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <deque>
#include <vector>

namespace echosocket::load {

template <dialect Dialect>
class runner {
public:
    explicit runner(const options& wanted)
        : wanted_(wanted),
          payload_(wanted, Dialect::trailer),
          dialect_(wanted, payload_.request().substr(0, payload_.request().size() - Dialect::trailer.size())),
          sender_(dialect_, payload_),
          receiver_(dialect_, payload_),
          buffer_(256 * 1024),
          interval_(wanted.rate > 0 ? 1e9 / wanted.rate : 0) {}

    result<report> run() {
        if (auto opened = open(); !opened) return failure(opened.error());
        began_ = now_ = now_ns();
        enter(wanted_.requests > 0 ? phase::measuring : phase::warming_up);
        for (auto& c : connections_) {
            if (!is_open_loop() || c.flood) request(c, c.depth);
            if (!send(c)) return lost();
        }
        while (phase_ != phase::over) {
            if (auto stepped = step(); !stepped) return failure(stepped.error());
        }
        return summary();
    }

private:
    enum class phase { warming_up, measuring, draining, over };
    static constexpr std::int64_t drain_time = 1'000'000'000;
    // Keeps the flood's own work from delaying the other connections' answers
    static constexpr std::size_t flood_read = 8 * 1024;

    [[nodiscard]] bool is_open_loop() const noexcept { return interval_ > 0; }

    result<void> open() {
        auto target = resolve(wanted_.address);
        if (!target) return failure(target.error());
        epoll_ = descriptor(::epoll_create1(EPOLL_CLOEXEC));
        for (std::size_t i = 0; i < wanted_.connections; ++i)
            if (auto added = add(*target, wanted_.depth); !added) return added;
        if (wanted_.flood_depth == 0) return {};
        if (auto added = add(*target, wanted_.flood_depth); !added) return added;
        connections_.back().flood = true;
        return {};
    }

    result<void> add(const endpoint& target, std::size_t depth) {
        auto socket = connect_to(target);
        if (!socket) return failure(socket.error());
        auto& c = connections_.emplace_back(std::move(*socket), static_cast<std::uint32_t>(connections_.size()), depth);
        if (!greet(dialect_, c)) return lost();
        set_nonblocking(c.socket.get());
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.ptr = &c;
        ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, c.socket.get(), &event);
        return {};
    }

    /// Makes `count` more requests due, or as many as are left.
    void request(connection& c, std::uint64_t count) {
        if (phase_ == phase::draining) return;
        if (wanted_.requests > 0 && !c.flood) count = std::min(count, wanted_.requests - requested_);
        if (!c.flood) requested_ += count;
        c.due += count;
    }

    bool send(connection& c) {
        const bool sent = sender_.send_due(c, [this](const connection& from) { return begin_of_next(from); });
        if (c.has_unsent() != c.waits_for_room) {
            c.waits_for_room = c.has_unsent();
            epoll_event event{};
            event.events = c.waits_for_room ? EPOLLIN | EPOLLOUT : EPOLLIN;
            event.data.ptr = &c;
            ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, c.socket.get(), &event);
        }
        return sent;
    }

    // In an open loop a request begins when it is due, however late it is sent: otherwise the requests that a stalled
    // server delays would not be counted as slow (coordinated omission).
    [[nodiscard]] std::int64_t begin_of_next(const connection& c) const noexcept {
        if (!is_open_loop() || c.flood) return now_;
        const auto place = c.issued * wanted_.connections + c.index;
        return began_ + std::llround(static_cast<double>(place) * interval_);
    }

    bool send_scheduled() {
        if (!is_open_loop() || phase_ == phase::draining) return true;
        const auto due = static_cast<std::uint64_t>(static_cast<double>(now_ - began_) / interval_) + 1;
        const std::size_t touched = std::min<std::uint64_t>(due - std::min(scheduled_, due), wanted_.connections);
        const auto first = scheduled_;
        for (; scheduled_ < due; ++scheduled_) request(connections_[scheduled_ % wanted_.connections], 1);
        for (std::size_t i = 0; i < touched; ++i)
            if (!send(connections_[(first + i) % wanted_.connections])) return false;
        return true;
    }

    result<void> step() {
        std::array<epoll_event, 256> events;
        const auto wait = time_to_wait();
        const timespec limit{wait / 1'000'000'000, wait % 1'000'000'000};
        const int ready = ::epoll_pwait2(epoll_.get(), events.data(), static_cast<int>(events.size()), &limit, nullptr);
        now_ = now_ns();
        if (!send_scheduled()) return lost();
        for (const bool flood : {false, true}) {
            if (flood && wanted_.flood_depth == 0) break;
            for (int i = 0; i < ready; ++i) {
                auto& c = *static_cast<connection*>(events[static_cast<std::size_t>(i)].data.ptr);
                if (c.flood != flood) continue;
                if (auto handled = handle(c); !handled) return handled;
            }
        }
        advance_phase();
        return {};
    }

    result<void> handle(connection& c) {
        const std::size_t carried = c.carry.size();
        std::memcpy(buffer_.data(), c.carry.data(), carried);
        const auto room = (c.flood ? flood_read : buffer_.size()) - carried;
        const auto got = ::recv(c.socket.get(), buffer_.data() + carried, room, MSG_DONTWAIT);
        now_ = now_ns();
        if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) return lost();
        const auto answered = [&](std::uint32_t sequence, bool right, std::string_view why) {
            take_answer(c, sequence, right, why);
        };
        if (got > 0 && !receiver_.take(c, {buffer_.data(), carried + static_cast<std::size_t>(got)}, answered))
            return failure(errc::protocol_error, "the server's answer is not of this protocol");
        if (!send(c)) return lost();
        return {};
    }

    void take_answer(connection& c, std::uint32_t sequence, bool right, std::string_view why) {
        const auto began = c.under_way.end(sequence);
        if (!right || !began) {
            if (wrong_++ == 0) first_wrong_ = explain(began.has_value(), why);
            if (!began) return;
        } else if (phase_ != phase::draining) {
            ++c.answers;
            if (!c.flood) latency_.record(static_cast<std::uint64_t>(std::max<std::int64_t>(now_ - *began, 0)));
        }
        if (!is_open_loop() || c.flood) request(c, 1);
    }

    static std::string explain(bool asked_for, std::string_view why) {
        if (!why.empty()) return "refused: " + std::string(why.substr(0, 200));
        return asked_for ? "an answer with the wrong body" : "an answer to no request";
    }

    [[nodiscard]] std::int64_t time_to_wait() const noexcept {
        // ns; waking up takes this long, so a request that is due sooner is waited for without sleeping
        constexpr std::int64_t spin = 60'000;
        std::int64_t until = phase_end_;
        if (is_open_loop() && phase_ != phase::draining)
            until =
                std::min(until, began_ + static_cast<std::int64_t>(static_cast<double>(scheduled_) * interval_) - spin);
        return std::max<std::int64_t>(until - now_ns(), 0);
    }

    void enter(phase next) {
        phase_ = next;
        if (next == phase::warming_up) phase_end_ = now_ + wanted_.warm_up.count() * 1'000'000;
        if (next == phase::measuring) {
            latency_.clear();
            for (auto& c : connections_) c.answers = 0;
            measured_from_ = now_;
            cpu_ = cpu_seconds();
            phase_end_ = now_ + (wanted_.requests > 0 ? std::int64_t{3'600'000} : wanted_.duration.count()) * 1'000'000;
        }
        if (next == phase::draining) {
            took_ = std::chrono::nanoseconds(now_ - measured_from_);
            cpu_ = (cpu_seconds() - cpu_) / took_.count();
            for (auto& c : connections_) c.due = 0;
            phase_end_ = now_ + drain_time;
        }
    }

    void advance_phase() {
        const bool time_up = now_ >= phase_end_;
        switch (phase_) {
            case phase::warming_up:
                if (time_up) enter(phase::measuring);
                break;
            case phase::measuring:
                if (time_up || (wanted_.requests > 0 && latency_.count() + wrong_ >= wanted_.requests))
                    enter(phase::draining);
                break;
            case phase::draining:
                if (time_up || unanswered() == 0) phase_ = phase::over;
                break;
            case phase::over:
                break;
        }
    }

    [[nodiscard]] std::uint64_t unanswered() const noexcept {
        std::uint64_t sum = 0;
        for (const auto& c : connections_) sum += c.under_way.count();
        return sum;
    }

    [[nodiscard]] failure lost() const {
        const auto before = wrong_ > 0 ? ", " + first_wrong_ : "";
        return failure(errc::connection_lost, "the server closed the connection" + before);
    }

    report summary() {
        report outcome;
        outcome.took = took_;
        outcome.cpu = cpu_;
        outcome.answers = latency_.count();
        outcome.latency = std::move(latency_);
        outcome.wrong = wrong_;
        outcome.first_wrong = first_wrong_;
        outcome.unanswered = unanswered();
        outcome.slowest_connection = connections_.front().answers;
        for (const auto& c : connections_) {
            if (c.flood) {
                outcome.flood_answers = c.answers;
                continue;
            }
            outcome.slowest_connection = std::min(outcome.slowest_connection, c.answers);
            outcome.fastest_connection = std::max(outcome.fastest_connection, c.answers);
        }
        return outcome;
    }

    options wanted_;
    payload payload_;
    Dialect dialect_;
    sender<Dialect> sender_;
    receiver<Dialect> receiver_;
    std::deque<connection> connections_;
    descriptor epoll_;
    std::vector<char> buffer_;
    double interval_;  // ns between two requests that are due; 0 in a closed loop

    phase phase_ = phase::warming_up;
    std::int64_t began_ = 0;
    std::int64_t now_ = 0;
    std::int64_t phase_end_ = 0;
    std::int64_t measured_from_ = 0;
    std::uint64_t requested_ = 0;
    std::uint64_t scheduled_ = 0;
    histogram latency_;
    std::chrono::duration<double> took_{};
    double cpu_ = 0;
    std::uint64_t wrong_ = 0;
    std::string first_wrong_;
};

}  // namespace echosocket::load
