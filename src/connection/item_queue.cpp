#include "connection/item_queue.hpp"

#include <cstdint>
#include <cstring>
#include <utility>

namespace echosocket::net {

namespace {

// From here on an item has a block of its own, which its reader gets without a copy.
constexpr std::size_t large_item = 1024;
// A block grows twice: a stream with one small item takes little, and one with many wastes little.
constexpr std::size_t small_block = 512;
constexpr std::size_t full_block = 4 * 1024;

/// What is kept before the bytes of a small item; no more than the header of its frame.
struct record {
    std::uint32_t size;
    std::uint32_t cost;
    content_type type;
};
constexpr std::size_t record_size = sizeof(std::uint32_t) * 2 + sizeof(content_type);

void append(std::string& to, const record& r, std::string_view body) {
    char head[record_size];
    std::memcpy(head, &r.size, sizeof r.size);
    std::memcpy(head + sizeof r.size, &r.cost, sizeof r.cost);
    std::memcpy(head + sizeof r.size + sizeof r.cost, &r.type, sizeof r.type);
    to.append(head, record_size).append(body);
}

record read_record(const char* from) noexcept {
    record r{};
    std::memcpy(&r.size, from, sizeof r.size);
    std::memcpy(&r.cost, from + sizeof r.size, sizeof r.cost);
    std::memcpy(&r.type, from + sizeof r.size + sizeof r.cost, sizeof r.type);
    return r;
}

}  // namespace

// Either all of it or, for want of memory, nothing.
void item_queue::push(std::string_view body, content_type type, std::size_t cost) {
    if (body.size() >= large_item) return add({std::string(body), 0, cost, true, type});
    const record head{static_cast<std::uint32_t>(body.size()), static_cast<std::uint32_t>(cost), type};
    const auto needed = record_size + body.size();
    if (blocks_.empty() || blocks_.back().is_one_item || blocks_.back().bytes.size() + needed > full_block) {
        block fresh;
        append(fresh.bytes, head, body);
        fresh.cost = cost;
        return add(std::move(fresh));
    }
    auto& last = blocks_.back();
    const auto capacity = last.bytes.capacity();
    const auto size = last.bytes.size() + needed;
    if (size > capacity) last.bytes.reserve(size <= small_block / 2 ? small_block : full_block);
    append(last.bytes, head, body);
    last.cost += cost;
    bytes_ += last.bytes.capacity() - capacity;
}

void item_queue::add(block&& fresh) {
    blocks_.push_back(std::move(fresh));
    bytes_ += size_of(blocks_.back());
}

void item_queue::put_back(detail::raw_item&& last) noexcept {
    bytes_ += last.body.capacity();
    returned_.emplace(std::move(last));
}

item_queue::item item_queue::pop() {
    if (returned_) {
        bytes_ -= returned_->body.capacity();
        item again{std::move(*returned_), 0};
        returned_.reset();
        return again;
    }
    auto& first = blocks_.front();
    if (first.is_one_item) {
        bytes_ -= size_of(first);
        item whole{{std::move(first.bytes), first.type}, first.cost};
        blocks_.pop_front();
        return whole;
    }
    const auto r = read_record(first.bytes.data() + first.begin);
    item one{{first.bytes.substr(first.begin + record_size, r.size), r.type}, r.cost};
    first.begin += record_size + r.size;
    first.cost -= r.cost;
    if (first.begin == first.bytes.size()) {
        bytes_ -= size_of(first);
        blocks_.pop_front();
    }
    return one;
}

std::size_t item_queue::clear() noexcept {
    std::size_t cost = 0;
    for (const auto& each : blocks_) cost += each.cost;
    returned_.reset();
    blocks_.clear();
    bytes_ = 0;
    return cost;
}

}  // namespace echosocket::net
