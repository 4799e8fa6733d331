#include "protocol/outbox.hpp"

#include "protocol/assembler.hpp"
#include "wire/failure_record.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace echosocket::protocol {

namespace {

// A body from here on is written from where it lies; below it a copy costs less than a segment of its own.
constexpr std::size_t worth_sharing = 16 * 1024;
// A body above this fills a block up to its end and goes on in the next one.
constexpr std::size_t worth_filling_up = 2 * 1024;
// Pieces of a split body: small enough that a ping between two of them is hardly late, and with their heads in one
// block of the receiver.
constexpr std::size_t piece_size = 64 * 1024;
// Segments of which memory is kept while none is queued.
constexpr std::size_t kept_segments = 64;

}  // namespace

void outbox::push(wire::frame_kind kind, std::uint32_t id, const wire::meta& meta, std::string_view body) {
    if (body.size() > max_frame_) {
        split(kind, id, meta, std::make_shared<net::large_body>(std::string(body)));
        return;
    }
    wire::write_meta(put_frame(kind, id, wire::meta_size(meta), body), meta);
}

void outbox::push(wire::frame_kind kind, std::uint32_t id, std::string_view body) {
    if (body.size() > max_frame_) return push(kind, id, {}, body);
    put_frame(kind, id, 0, body);
}

/// Returns where the meta belongs.
char* outbox::put_frame(wire::frame_kind kind, std::uint32_t id, std::size_t meta_size, std::string_view body) {
    const std::size_t head_size = wire::header_size + meta_size;
    const bool in_one_piece = body.size() <= worth_filling_up;
    char* head = room(in_one_piece ? head_size + body.size() : head_size);
    wire::write_header(head, kind, 0, id, meta_size, body.size());
    if (!in_one_piece) {
        append(body);
    } else if (!body.empty()) {
        std::memcpy(head + head_size, body.data(), body.size());
    }
    return head + wire::header_size;
}

void outbox::push(wire::frame_kind kind, std::uint32_t id, const wire::meta& meta, std::string&& body) {
    if (body.size() > max_frame_) {
        split(kind, id, meta, std::make_shared<net::large_body>(std::move(body)));
    } else if (body.size() < worth_sharing) {
        push(kind, id, meta, std::string_view(body));
    } else {
        push(kind, id, meta, std::make_shared<const std::string>(std::move(body)));
    }
}

void outbox::push(wire::frame_kind kind, std::uint32_t id, const wire::meta& meta,
                  const std::shared_ptr<const std::string>& body) {
    if (body->size() > max_frame_) {
        split(kind, id, meta, std::make_shared<net::large_body>(body));
    } else if (body->size() < worth_sharing) {
        push(kind, id, meta, std::string_view(*body));
    } else {
        const std::size_t meta_size = wire::meta_size(meta);
        char* head = room(wire::header_size + meta_size);
        wire::write_header(head, kind, 0, id, meta_size, body->size());
        wire::write_meta(head + wire::header_size, meta);
        append_shared(body, body->data(), body->data() + body->size());
    }
}

void outbox::push_encoded(const std::shared_ptr<const std::string>& frames) {
    if (frames->size() < worth_sharing) return append(*frames);
    append_shared(frames, frames->data(), frames->data() + frames->size());
}

void outbox::split(wire::frame_kind kind, std::uint32_t id, const wire::meta& meta,
                   std::shared_ptr<net::large_body> body) {
    std::string records(wire::meta_size(meta), '\0');
    wire::write_meta(records.data(), meta);
    queue_split(kind, id, records, std::move(body), 0);
}

void outbox::push_split(wire::frame_kind kind, std::uint32_t id, std::string_view meta,
                        std::shared_ptr<const std::string> holder, std::size_t begin) {
    queue_split(kind, id, meta, std::make_shared<net::large_body>(std::move(holder)), begin);
}

void outbox::queue_split(wire::frame_kind kind, std::uint32_t id, std::string_view meta,
                         std::shared_ptr<net::large_body> body, std::size_t begin) {
    unsplit_ += body->size() - begin;
    if (!splits_) splits_ = std::make_unique<std::deque<split_body>>();
    splits_->push_back({kind, id, std::string(meta), std::move(body), begin});
}

void outbox::push_next_piece() {
    split_body next = std::move(splits_->front());
    splits_->pop_front();
    if (next.body.use_count() == 1) next.body->sent_up_to(next.sent);  // the pieces before this one have been written
    const std::size_t end = std::min(next.sent + std::min(piece_size, max_frame_), next.body->size());
    const bool more = end < next.body->size();
    push_head(next.kind, more ? wire::flag_more : std::uint8_t{0}, next.id,
              next.begun ? std::string_view() : std::string_view(next.meta), end - next.sent);
    next.begun = true;
    append_shared(next.body, next.body->data() + next.sent, next.body->data() + end);
    unsplit_ -= end - next.sent;
    next.sent = end;
    if (!more) return;
    // Behind the others that are on their way: the other end takes only so many at once.
    const auto others = std::min(splits_->size(), protocol::max_unfinished_bodies - 1);
    splits_->insert(splits_->begin() + static_cast<std::ptrdiff_t>(others), std::move(next));
}

std::deque<outbox::split_body>::iterator outbox::find_split(wire::frame_kind kind, std::uint32_t id) {
    return std::ranges::find_if(*splits_, [&](const auto& split) { return split.kind == kind && split.id == id; });
}

void outbox::drop_split(std::deque<split_body>::iterator at) {
    unsplit_ -= at->body->size() - at->sent;
    splits_->erase(at);
}

bool outbox::is_splitting(wire::frame_kind kind) const noexcept {
    return splits_ && std::ranges::any_of(*splits_, [kind](const auto& split) { return split.kind == kind; });
}

std::size_t outbox::held_bytes() const noexcept {
    std::size_t of_others = 0;
    if (splits_)
        for (const auto& each : *splits_)
            if (each.body->is_of_others()) of_others += each.body->size() - each.sent;
    return size() - of_others;
}

bool outbox::withdraw(std::uint32_t request) {
    if (!splits_) return false;
    const auto split = find_split(wire::frame_kind::request, request);
    if (split == splits_->end() || split->begun) return false;
    drop_split(split);
    return true;
}

void outbox::cancel(std::uint32_t request) {
    push(wire::frame_kind::cancel, request, {}, std::string_view());
    if (!splits_) return;
    const auto split = find_split(wire::frame_kind::request, request);
    if (split == splits_->end()) return;
    drop_split(split);
    // A body that was begun has to be finished.
    push(wire::frame_kind::request, request, {}, std::string_view());
}

void outbox::push_head(wire::frame_kind kind, std::uint8_t flags, std::uint32_t id, std::string_view meta,
                       std::size_t body_size) {
    char* head = room(wire::header_size + meta.size());
    wire::write_header(head, kind, flags, id, meta.size(), body_size);
    if (!meta.empty()) std::memcpy(head + wire::header_size, meta.data(), meta.size());
}

std::size_t outbox::gather(std::span<std::string_view> into) {
    if (only_pieces_left()) push_next_piece();
    std::size_t count = 0;
    for (std::size_t i = first_; i < segments_.size() && count < into.size(); ++i)
        into[count++] = {segments_[i].begin, segments_[i].size()};
    return count;
}

void outbox::push_failure(wire::frame_kind kind, std::uint32_t id, const failure& why) {
    push(kind, id, wire::meta_of(why), wire::text_of(why, max_frame_));
}

void outbox::clear() noexcept {
    segments_.clear();
    first_ = 0;
    tail_ = {};
    splits_.reset();
    queued_ = unsplit_ = 0;
}

void outbox::open_segment(std::size_t bytes) {
    if (!tail_ || tail_.capacity() - tail_used_ < bytes) {
        tail_ = net::buffer_ref::make(bytes);
        tail_used_ = 0;
    }
    const char* at = tail_.data() + tail_used_;
    segments_.push_back({tail_, nullptr, at, at});
}

void outbox::append(std::string_view bytes) {
    while (!bytes.empty()) {
        const std::size_t left = tail_ ? tail_.capacity() - tail_used_ : 0;
        const std::size_t fits = std::min(left == 0 ? net::block_size : left, bytes.size());
        std::memcpy(room(fits), bytes.data(), fits);
        bytes.remove_prefix(fits);
    }
}

void outbox::append_shared(std::shared_ptr<const void> holder, const char* begin, const char* end) {
    segments_.push_back({net::buffer_ref(), std::move(holder), begin, end});
    queued_ += static_cast<std::size_t>(end - begin);
}

void outbox::wrote(std::size_t bytes) noexcept {
    queued_ -= bytes;
    while (bytes > 0) {
        segment& head = segments_[first_];
        const std::size_t taken = std::min(bytes, head.size());
        head.begin += taken;
        bytes -= taken;
        if (head.size() == 0) {
            head = {};
            ++first_;
        }
    }
    if (queued_ != 0) return;
    segments_.clear();
    first_ = 0;
    tail_ = {};
    if (segments_.capacity() > kept_segments) segments_.shrink_to_fit();
}

}  // namespace echosocket::protocol
