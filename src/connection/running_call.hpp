// What a handler may ask about the call that it serves.
#pragma once

#include "connection/connection_context.hpp"
#include "connection/request.hpp"
#include "connection/stream_handle.hpp"
#include "connection/workload.hpp"

#include <echosocket/task.hpp>

#include <memory>
#include <optional>
#include <string_view>

namespace echosocket::net {

class running_call : public detail::call_environment {
public:
    /// `served` lives as long as this does, and need not live yet.
    running_call(connection_context& context, const request& served) noexcept : context_(context), served_(served) {}

    [[nodiscard]] std::string_view task_name() const noexcept override { return served_.name; }
    [[nodiscard]] std::string_view trace_id() const noexcept override { return served_.trace_id; }
    [[nodiscard]] echosocket::content_type content_type() const noexcept override { return served_.type; }
    [[nodiscard]] echosocket::peer peer() const override { return context_.peer(served_.deadline, served_.trace_id); }
    [[nodiscard]] std::optional<time_point> deadline() const noexcept override { return served_.deadline; }
    [[nodiscard]] bool cancelled() const noexcept override { return cancelled_.has_value(); }
    [[nodiscard]] bool stopping() const noexcept override { return context_.host().work().is_stopping(); }
    [[nodiscard]] asio::awaitable<bool> until_stopping() const override {
        return context_.host().work().until_stopping();
    }
    [[nodiscard]] echosocket::clock& clock() const noexcept override { return *context_.settings().clock; }
    [[nodiscard]] asio::any_io_executor executor() const override { return context_.executor(); }
    [[nodiscard]] unsigned max_nesting() const noexcept override { return context_.settings().limits.max_nesting; }
    [[nodiscard]] std::size_t max_json_values() const noexcept override {
        return context_.settings().limits.max_json_values;
    }
    [[nodiscard]] std::shared_ptr<detail::stream_end> stream() const override { return served_.items; }
    void log(log_level level, std::string_view text) const override { context_.log(level, text); }

protected:
    ~running_call() = default;

    connection_context& context_;
    const request& served_;
    std::optional<errc> cancelled_;
};

}  // namespace echosocket::net
