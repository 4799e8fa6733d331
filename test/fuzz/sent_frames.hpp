// What one end has sent, read as the other end would, with accounts of its own.
#pragma once

#include "input.hpp"
#include "wire/frame.hpp"
#include "wire/meta.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace echosocket::fuzz {

/// The credit of both directions, of each stream and of notifications, as the frames that were sent tell of it.
struct credit_accounts {
    std::map<std::pair<std::uint32_t, bool>, std::int64_t> left;  ///< By id, and whether the caller spends it.
    std::map<bool, std::int64_t> notify_left;                     ///< By whether the server spends it.
};

class sent_frames {
public:
    /// What the other end takes. Until `knows_peer` the protocol's own limits hold.
    std::size_t max_frame = 0;
    std::size_t max_message = 0;
    std::size_t stream_credit = 0;
    bool knows_peer = false;
    bool is_server = false;
    credit_accounts* accounts = nullptr;  ///< Of both ends, if both are honest.
    std::size_t own_stream_credit = 0;

    void add(std::string_view bytes) {
        unread_ += bytes;
        std::string_view left = unread_;
        for (;;) {
            const auto head = wire::parse_frame(left, {.max_frame = 1 << 24, .max_skip = 1 << 24});
            if (head.status == wire::parse_status::incomplete) break;
            require(head.status == wire::parse_status::complete, "what is sent are whole frames");
            check(head.frame);
            left.remove_prefix(head.size);
        }
        unread_.erase(0, unread_.size() - left.size());
    }
    [[nodiscard]] bool is_between_frames() const noexcept { return unread_.empty(); }
    [[nodiscard]] std::size_t unfinished() const noexcept { return unfinished_.size(); }
    [[nodiscard]] bool said_anything() const noexcept { return count_ != 0; }

private:
    void check(const wire::frame& f) {
        using wire::frame_kind;
        require(wire::is_known(f.kind), "only kinds are sent that are known");
        if (count_++ == 0) {
            const bool refuses = is_server && f.kind == frame_kind::error && f.id == 0;
            require(f.kind == frame_kind::hello || refuses, "the first frame is a HELLO");
        } else {
            require(f.kind != frame_kind::hello, "there is one HELLO");
        }
        const auto key = std::pair(f.kind, f.id);
        const bool continues = unfinished_.contains(key);
        if (!continues) require(wire::fault_of(f).empty(), "no frame breaks a rule");
        wire::meta meta;
        require(f.kind == frame_kind::hello || wire::parse_meta(f.meta, meta), "every meta can be read");
        if (f.kind != frame_kind::hello)
            require(f.body.size() <= (knows_peer ? max_frame : 65536), "no body exceeds max_frame");

        const std::size_t whole = (continues ? unfinished_[key] : 0) + f.body.size();
        if (knows_peer && (wire::is_splittable(f.kind)))
            require(whole <= max_message, "no message exceeds max_message");
        if (f.more()) {
            require(f.kind != frame_kind::request || meta.streams == 0, "a REQUEST with streams is never split");
            unfinished_[key] = whole;
            require(unfinished_.size() <= 4, "at most four bodies are unfinished");
        } else {
            unfinished_.erase(key);
        }
        if (accounts == nullptr) return;
        if (f.kind == frame_kind::notify) {
            account_notification(f, continues, whole);
        } else if (f.kind == frame_kind::credit && f.id == 0) {
            accounts->notify_left[!is_server] += *meta.credit;
        } else {
            account(f, meta);
        }
    }

    void account_notification(const wire::frame& f, bool continues, std::size_t whole) {
        if (!continues) notify_meta_ = f.meta.size();  // this end splits one at a time
        if (f.more()) return;
        auto& left = accounts->notify_left[is_server];
        require(left > 0, "no notification is sent without credit");
        left -= static_cast<std::int64_t>(128 + notify_meta_ + whole);
    }

    void account(const wire::frame& f, const wire::meta& meta) {
        using wire::frame_kind;
        const bool own = f.id % 2 == (is_server ? 0U : 1U);
        auto& left = accounts->left;
        if (f.kind == frame_kind::request && meta.streams != 0) {
            // What the callee may send counts from its own first ITEM, but the window is this end's.
            left[{f.id, true}] = static_cast<std::int64_t>(stream_credit);
            left[{f.id, false}] = static_cast<std::int64_t>(own_stream_credit);
        } else if (f.kind == frame_kind::credit) {
            left[{f.id, !own}] += *meta.credit;
        } else if (f.kind == frame_kind::item) {
            auto& account = left[{f.id, own}];
            account -= static_cast<std::int64_t>(wire::header_size + f.meta.size() + f.body.size());
            require(account >= 0, "no stream sends more than it has credit for");
        }
    }

    std::string unread_;
    std::map<std::pair<wire::frame_kind, std::uint32_t>, std::size_t> unfinished_;
    std::size_t notify_meta_ = 0;
    std::size_t count_ = 0;
};

}  // namespace echosocket::fuzz
