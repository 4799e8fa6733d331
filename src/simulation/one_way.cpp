#include "simulation/one_way.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <utility>

namespace echosocket::testing {

bool one_way::loses_all() {
    swallowed_ |= link_.of(which_) == gate::swallowing;
    return swallowed_;
}

void one_way::send(std::string_view bytes) {
    const auto& rules = link_.rules;
    auto& drawn = link_.context.of_network;
    if (loses_all()) return;
    while (!bytes.empty()) {
        auto size = bytes.size();
        if (rules.most_bytes < size) size = drawn.between<std::size_t>(1, std::max<std::size_t>(rules.most_bytes, 1));
        put(what::bytes, bytes.substr(0, size));
        bytes.remove_prefix(size);
    }
}

void one_way::send(what mark) {
    if (!loses_all()) put(mark, {});
}

void one_way::put(what kind, std::string_view bytes) {
    const auto& rules = link_.rules;
    auto& context = link_.context;
    line_is_free_ = std::max(line_is_free_, context.now());
    if (rules.bytes_per_second != 0)
        line_is_free_ += std::chrono::nanoseconds(1'000'000'000 * bytes.size() / rules.bytes_per_second);
    const auto delay =
        context.of_network.between<duration>(rules.least_delay, std::max(rules.least_delay, rules.most_delay));
    last_arrival_ = std::max(last_arrival_, line_is_free_ + delay);
    on_the_way_.push_back({last_arrival_, kind, std::string(bytes)});
    bytes_on_the_way_ += bytes.size();
}

bool one_way::arrive() {
    if (loses_all()) lose_what_is_on_its_way();
    bool any = false;
    while (const auto next = next_arrival()) {
        if (*next > link_.context.now()) break;
        const auto come = std::move(on_the_way_.front());
        on_the_way_.pop_front();
        bytes_on_the_way_ -= come.bytes.size();
        arrived_ += come.bytes;
        ended_ |= come.kind == what::end;
        reset_ |= come.kind == what::reset;
        any = true;
    }
    return any;
}

std::optional<time_point> one_way::next_arrival() const {
    if (on_the_way_.empty() || link_.of(which_) == gate::held) return std::nullopt;
    return on_the_way_.front().arrives;
}

std::size_t one_way::read(asio::mutable_buffer into) {
    const auto count = std::min(into.size(), unread());
    std::memcpy(into.data(), arrived_.data() + read_, count);
    read_ += count;
    if (read_ >= arrived_.size() / 2) {  // a queue that never becomes empty must not grow without limit
        arrived_.erase(0, read_);
        read_ = 0;
    }
    return count;
}

void one_way::lose_what_is_on_its_way() {
    on_the_way_.clear();
    bytes_on_the_way_ = 0;
}

void one_way::lose_what_has_arrived() {
    arrived_.clear();
    read_ = 0;
}

std::size_t one_way::room() const noexcept {
    if (swallowed_ || link_.of(which_) == gate::swallowing) return SIZE_MAX;
    const auto used = bytes_on_the_way_ + unread();
    return link_.rules.capacity - std::min(link_.rules.capacity, used);
}

}  // namespace echosocket::testing
