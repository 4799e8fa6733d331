// The calls that are under way on one connection, by id, and when the next of them is due. Plain data.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

namespace echosocket::protocol {

/// `Call` is a pointer-like value. Times are points that the caller names; the table asks no clock.
///
/// Deadlines lie in a heap whose entries are dropped lazily: most calls end long before their deadline, and taking each
/// one out at once would cost more than the call.
template <class Call>
class call_table {
public:
    using time_point = std::chrono::steady_clock::time_point;

    /// False where the id is in use.
    bool insert(std::uint32_t id, Call call, std::optional<time_point> deadline) {
        const auto [at, is_new] = calls_.try_emplace(id, entry{std::move(call), deadline});
        if (!is_new) return false;
        try {
            if (deadline) push_deadline(*deadline, id);
        } catch (...) {
            calls_.erase(at);
            throw;
        }
        return true;
    }

    [[nodiscard]] Call* find(std::uint32_t id) {
        auto found = calls_.find(id);
        return found == calls_.end() ? nullptr : &found->second.call;
    }

    /// Takes the call out and hands it over.
    std::optional<Call> take(std::uint32_t id) {
        auto found = calls_.find(id);
        if (found == calls_.end()) return std::nullopt;
        std::optional<Call> call(std::move(found->second.call));
        calls_.erase(found);
        return call;
    }

    /// Takes out any one call, for ending them all.
    std::optional<std::pair<std::uint32_t, Call>> take_any() {
        if (calls_.empty()) return std::nullopt;
        auto first = calls_.begin();
        std::optional<std::pair<std::uint32_t, Call>> call({first->first, std::move(first->second.call)});
        calls_.erase(first);
        return call;
    }

    /// The earliest deadline of a call that is still here.
    [[nodiscard]] std::optional<time_point> next_deadline() {
        drop_stale();
        if (deadlines_.empty()) return std::nullopt;
        return deadlines_.front().when;
    }

    /// The id of a call whose deadline is not after `now`; each is handed out once, the call stays in the table.
    std::optional<std::uint32_t> next_expired(time_point now) {
        drop_stale();
        if (deadlines_.empty() || deadlines_.front().when > now) return std::nullopt;
        const auto id = deadlines_.front().id;
        pop_deadline();
        calls_.find(id)->second.deadline.reset();
        return id;
    }

    template <class Visit>
    void for_each(Visit visit) {
        for (auto& [id, running] : calls_) visit(id, running.call);
    }

    [[nodiscard]] std::size_t size() const noexcept { return calls_.size(); }
    [[nodiscard]] bool empty() const noexcept { return calls_.empty(); }

private:
    struct entry {
        Call call;
        std::optional<time_point> deadline;
    };
    struct due {
        time_point when;
        std::uint32_t id;
        friend bool operator>(const due& a, const due& b) noexcept { return a.when > b.when; }
    };

    [[nodiscard]] bool is_stale(const due& d) const {
        auto found = calls_.find(d.id);
        return found == calls_.end() || found->second.deadline != d.when;
    }

    void push_deadline(time_point when, std::uint32_t id) {
        if (deadlines_.size() >= 2 * calls_.size() + 64) {
            std::erase_if(deadlines_, [this](const due& d) { return is_stale(d); });
            std::make_heap(deadlines_.begin(), deadlines_.end(), std::greater<>{});
        }
        deadlines_.push_back({when, id});
        std::push_heap(deadlines_.begin(), deadlines_.end(), std::greater<>{});
    }

    void pop_deadline() {
        std::pop_heap(deadlines_.begin(), deadlines_.end(), std::greater<>{});
        deadlines_.pop_back();
    }

    void drop_stale() {
        while (!deadlines_.empty() && is_stale(deadlines_.front())) pop_deadline();
    }

    boost::unordered_flat_map<std::uint32_t, entry> calls_;
    std::vector<due> deadlines_;
};

}  // namespace echosocket::protocol
