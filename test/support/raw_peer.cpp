#include "support/raw_peer.hpp"

#include "support/vectors.hpp"
#include "wire/utf8.hpp"

#include <boost/asio/error.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>

namespace echosocket::test {

namespace {

using wire::frame_kind;

wire::meta records_of(const raw::frame& f) {
    wire::meta records;
    if (!wire::parse_meta(f.meta, records)) BOOST_ERROR("a meta came that can't be read");
    return records;
}

std::string described(const raw::frame& f) {
    const auto records = records_of(f);
    auto text = std::string(wire::name_of(f.kind)) + " id " + std::to_string(f.id);
    if (records.code != 0) text += " " + std::string(name_of(static_cast<errc>(records.code)));
    return text + " \"" + wire::printable(f.body) + "\"";
}

}  // namespace

bool raw_peer::send_some(std::string_view& bytes) {
    while (!bytes.empty() && !cut_off_) {
        const std::array buffers{asio::const_buffer(bytes.data(), bytes.size())};
        const auto moved = line_->write_some(buffers);
        bytes.remove_prefix(moved.bytes);
        if (moved.error == asio::error::would_block) return false;
        cut_off_ = static_cast<bool>(moved.error);
    }
    return true;
}

void raw_peer::sends(std::string_view bytes) {
    run_.until([&] { return send_some(bytes); });
    run_.settle();
}

void raw_peer::floods(std::string_view bytes) {
    auto left = bytes;
    run_.until([&] {
        while (send_some(left) && !cut_off_) left = bytes;
        return cut_off_;
    });
}

void raw_peer::sends_in_steps_of(std::size_t bytes, std::string_view all) {
    for (; !all.empty() && !cut_off_; all.remove_prefix(std::min(bytes, all.size()))) sends(all.substr(0, bytes));
}

wire::hello raw_peer::greets(const wire::hello& mine, step at) {
    sends(raw::hello(mine));
    return expects_hello(at);
}

void raw_peer::sends_no_more() {
    line_->shutdown_send();
    run_.settle();
}

void raw_peer::leaves() {
    if (!line_) return;
    line_.reset();
    ended_ = true;
    run_.settle();
}

void raw_peer::read_available() {
    while (line_ && !ended_ && budget_ > 0) {
        std::array<char, 64 * 1024> block;
        const auto moved = line_->read_some(asio::buffer(block, budget_));
        inbox_.append(block.data(), moved.bytes);
        budget_ -= moved.bytes;
        if (moved.error == asio::error::would_block) return;
        ended_ = static_cast<bool>(moved.error);
    }
}

bool raw_peer::has_ended() {
    run_.until([this] {
        read_available();
        return ended_;
    });
    return ended_;
}

std::size_t raw_peer::unread() {
    read_available();
    return inbox_.size();
}

void raw_peer::reads_only(std::size_t bytes) {
    budget_ = bytes;
    run_.until([this] {
        read_available();
        return budget_ == 0 || ended_;
    });
    budget_ = 0;
    run_.settle();
}

void raw_peer::forgets() {
    read_available();
    inbox_.clear();
}

std::optional<raw::frame> raw_peer::next_frame() {
    constexpr wire::frame_limits everything{UINT32_MAX, UINT32_MAX};
    const auto head = wire::parse_frame(inbox_, everything);
    if (head.status == wire::parse_status::invalid) BOOST_ERROR("what came is no frame");
    if (head.status != wire::parse_status::complete) return std::nullopt;
    const auto& f = head.frame;
    raw::frame frame{f.kind, f.flags, f.id, std::string(f.meta), std::string(f.body)};
    inbox_.erase(0, head.size);
    return frame;
}

void raw_peer::fail(const step& at, const std::string& expected) const {
    const auto came = inbox_.empty() ? std::string("nothing") : hex_of(inbox_.substr(0, 64));
    BOOST_FAIL(at.file_name() << ":" << at.line() << ": expected " << expected << "; came " << came
                              << (ended_ ? ", then the end" : ""));
}

raw::frame raw_peer::expects_frame(step at) {
    std::optional<raw::frame> frame;
    run_.until([&] {
        read_available();
        frame = next_frame();
        return frame.has_value() || ended_;
    });
    if (!frame) fail(at, "a frame");
    return std::move(*frame);
}

raw::frame raw_peer::expects(frame_kind kind, std::uint32_t id, step at) {
    auto frame = expects_frame(at);
    if (frame.kind != kind || frame.id != id)
        fail(at, std::string(wire::name_of(kind)) + " id " + std::to_string(id) + ", not " + described(frame));
    return frame;
}

wire::hello raw_peer::expects_hello(step at) {
    const auto frame = expects(frame_kind::hello, 0, at);
    wire::hello theirs;
    const wire::frame f{.kind = frame.kind, .flags = frame.flags, .meta = frame.meta, .body = frame.body};
    if (wire::parse_hello(f, theirs).error != errc{}) fail(at, "a good HELLO");
    return theirs;
}

void raw_peer::expects_reply(std::uint32_t id, std::string_view body, step at) {
    std::string whole;
    for (bool more = true; more;) {
        const auto frame = expects(frame_kind::response, id, at);
        whole += frame.body;
        more = (frame.flags & raw::more) != 0;
    }
    if (whole != body) fail(at, "\"" + wire::printable(body) + "\" and not \"" + wire::printable(whole) + "\"");
}

std::string raw_peer::expects_error(std::uint32_t id, errc code, step at) {
    const auto frame = expects(frame_kind::error, id, at);
    if (static_cast<errc>(records_of(frame).code) != code)
        fail(at, std::string(name_of(code)) + ", not " + described(frame));
    if (frame.flags != 0) fail(at, "an ERROR in one piece");
    if (!wire::is_utf8(frame.body)) fail(at, "a text in UTF-8");
    return frame.body;
}

void raw_peer::expects_pong(std::string_view body, step at) {
    const auto frame = expects(frame_kind::pong, 0, at);
    if (frame.body != body) fail(at, "a PONG with the PING's body");
}

void raw_peer::expects_request(std::uint32_t id, std::string_view task, std::string_view body, step at) {
    const auto frame = expects(frame_kind::request, id, at);
    if (records_of(frame).name != task || frame.body != body)
        fail(at, "a REQUEST for " + std::string(task) + ", not " + described(frame));
}

void raw_peer::expects_cancel(std::uint32_t id, step at) {
    static_cast<void>(expects(frame_kind::cancel, id, at));
}

void raw_peer::expects_nothing(step at) {
    run_.settle();
    read_available();
    if (ended_ || !inbox_.empty()) fail(at, "nothing, and no end");
}

void raw_peer::expects_the_end(step at) {
    if (!has_ended() || !inbox_.empty()) fail(at, "the end and nothing before it");
    leaves();
}

std::string raw_peer::expects_the_end_because(errc reason, step at) {
    auto text = expects_error(0, reason, at);
    expects_the_end(at);
    return text;
}

std::string raw_peer::expects_the_end_at_last_because(errc reason, step at) {
    for (;;) {
        const auto frame = expects_frame(at);
        if (frame.kind != frame_kind::error || frame.id != 0) continue;
        if (static_cast<errc>(records_of(frame).code) != reason)
            fail(at, std::string(name_of(reason)) + ", not " + described(frame));
        expects_the_end(at);
        return frame.body;
    }
}

}  // namespace echosocket::test
