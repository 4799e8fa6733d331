// What the parts of one connection share: its engine, its settings, and a word to whoever drives it.
#pragma once

#include "async/strand_owner.hpp"
#include "connection/connection_host.hpp"
#include "connection/connection_info.hpp"
#include "connection/mailbox.hpp"
#include "connection/memory_budget.hpp"
#include "connection/settings.hpp"
#include "memory/read_buffer.hpp"
#include "protocol/engine.hpp"

#include <echosocket/log.hpp>
#include <echosocket/peer.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace echosocket::net {

/// Parts give commands to the engine and say `flush_soon`; the driver does the rest. Nothing here calls a part.
///
/// Thread safety: everything on `executor()`, a strand of the connection's own, except what says otherwise.
/// Lifetime: owned by shared pointers, which whatever runs for the connection keeps.
class connection_context : public detail::connection_info,
                           public strand_owner,
                           public std::enable_shared_from_this<connection_context> {
public:
    connection_context(std::uint64_t id, std::string address, const asio::any_io_executor& base,
                       std::shared_ptr<const connection_settings> given, connection_host& owner);

    /// Tells of what commands brought about, and writes: at once, or if something is being handled, right behind it.
    virtual void flush() noexcept = 0;
    /// The same, but never inside this call.
    virtual void flush_soon() noexcept = 0;
    /// Writes at once, also in the midst of what is being handled now, so that there is room.
    virtual void write_now() = 0;
    /// Writes what is queued and closes; tells the other end the reason, unless it is empty.
    virtual void dismiss(std::string reason) = 0;

    // Any thread.
    [[nodiscard]] const connection_settings& settings() const noexcept { return *settings_; }
    [[nodiscard]] connection_host& host() const noexcept { return host_; }
    // What is held in memory for the other end; nothing is counted if there is no budget.
    void hold(std::size_t bytes) noexcept override;
    void release(std::size_t bytes) noexcept override;
    [[nodiscard]] bool is_short() const noexcept override {
        return settings_->memory != nullptr && settings_->memory->is_short();
    }
    /// What other threads hand over.
    [[nodiscard]] net::mailbox& mailbox() noexcept { return mailbox_; }
    [[nodiscard]] echosocket::peer peer(std::optional<time_point> deadline = {}, std::string_view trace_id = {}) {
        return echosocket::peer(shared_from_this(), deadline, trace_id);
    }
    void log(log_level level, std::string_view text) const noexcept;
    /// The same for a line that a peer can bring about at will: `text()` makes it, unless there were too many like it.
    template <class Text>
    void log_some(log_limits::kind which, log_level level, const Text& text) const noexcept {
        host_.callbacks().log_some(which, level, [&] { return prefixed(text()); });
    }

    [[nodiscard]] protocol::engine& engine() noexcept { return engine_; }
    /// The block that the views of the event at hand point into.
    [[nodiscard]] const buffer_ref& input_block() const noexcept { return input_.block(); }
    /// Tells the engine what time it is, after a while in which nothing was read.
    void refresh_now() noexcept { engine_.advance(settings_->clock->now()); }

protected:
    ~connection_context() override;

    std::shared_ptr<const connection_settings> settings_;  // keeps the host alive too
    connection_host& host_;
    protocol::engine engine_;
    read_buffer input_;

private:
    [[nodiscard]] std::string prefixed(std::string_view line) const;

    net::mailbox mailbox_{*this};
};

}  // namespace echosocket::net
