// One end of a connection, played by the test frame by frame.
#pragma once

#include "protocol/frame.hpp"
#include "protocol/hello.hpp"
#include "protocol/meta.hpp"

#include <echosocket/transport.hpp>

#include <boost/asio/error.hpp>

#include <array>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace echosocket::test {

/// A frame that came, in memory of its own.
struct received {
    protocol::frame_kind kind{};
    bool more = false;
    std::uint32_t id = 0;
    std::string records;
    std::string body;

    [[nodiscard]] std::string name() const { return std::string(protocol::name_of(kind)); }
    /// Its views point into this.
    [[nodiscard]] protocol::meta meta() const {
        protocol::meta m;
        if (!protocol::parse_meta(records, m)) throw std::runtime_error("the meta of a frame can't be read");
        return m;
    }
    /// The reason that an ERROR or a GOAWAY names.
    [[nodiscard]] std::string reason() const { return std::string(name_of(static_cast<errc>(meta().code))); }
};

class scripted_peer {
public:
    explicit scripted_peer(std::unique_ptr<transport> line) : line_(std::move(line)) {}

    void send_bytes(std::string_view bytes) {
        const std::array buffers{asio::const_buffer(bytes.data(), bytes.size())};
        const auto wrote = line_->write_some(buffers);
        if (wrote.error || wrote.bytes != bytes.size()) throw std::runtime_error("the script's frame was not taken");
    }
    void send(protocol::frame_kind kind, std::uint32_t id, const protocol::meta& meta = {}, std::string_view body = {},
              std::uint8_t flags = 0) {
        std::string records(protocol::meta_size(meta), '\0');
        protocol::write_meta(records.data(), meta);
        std::string bytes;
        protocol::append_frame(bytes, {.kind = kind, .flags = flags, .id = id, .meta = records, .body = body});
        send_bytes(bytes);
    }
    void request(std::uint32_t id, std::string_view task, std::string_view body = {}) {
        send(protocol::frame_kind::request, id, {.name = task}, body);
    }
    void greet(protocol::hello hello = {}) {
        if (hello.name.empty()) hello.name = "script";
        std::string bytes;
        protocol::append_hello(bytes, hello);
        send_bytes(bytes);
    }

    /// The next frame, or nothing where the other end has closed.
    asio::awaitable<std::optional<received>> next() {
        for (;;) {
            const auto head = protocol::parse_frame(input_, {.max_frame = INT32_MAX, .max_skip = INT32_MAX});
            if (head.status == protocol::parse_status::complete) co_return take(head);
            if (head.status != protocol::parse_status::incomplete) throw std::runtime_error("no frame came");
            std::array<char, 4096> block{};
            const auto moved = line_->read_some(asio::buffer(block));
            input_.append(block.data(), moved.bytes);
            if (moved.error == asio::error::would_block) {
                auto ended = co_await line_->wait_readable();
                if (ended) co_return std::nullopt;
            } else if (moved.error) {
                co_return std::nullopt;
            }
        }
    }
    /// The next frame that is no PING.
    asio::awaitable<std::optional<received>> next_but_pings() {
        for (;;) {
            auto frame = co_await next();
            if (!frame || frame->kind != protocol::frame_kind::ping) co_return frame;
        }
    }

    [[nodiscard]] transport& line() noexcept { return *line_; }
    void close() { line_->close(); }

private:
    received take(const protocol::parsed& head) {
        const auto& f = head.frame;
        received whole{f.kind, f.more(), f.id, std::string(f.meta), std::string(f.body)};
        input_.erase(0, head.size);
        return whole;
    }

    std::unique_ptr<transport> line_;
    std::string input_;
};

}  // namespace echosocket::test
