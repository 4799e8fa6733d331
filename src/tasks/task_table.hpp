// The registered tasks and notification handlers, by name.
#pragma once

#include <echosocket/result.hpp>
#include <echosocket/task.hpp>

#include <boost/unordered/unordered_flat_map.hpp>

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace echosocket {

/// A server fills its table before it runs and then freezes it, so that look-ups from many threads need no lock. A
/// client's table may grow at any time. Entries are never removed.
///
/// Thread safety: all members may be called from any thread; `freeze` must come before threads start to look up.
class task_table {
public:
    /// Errors: throws `usage_error`: `duplicate_task`, `invalid_name`, `already_running`.
    void add(std::string_view name, std::unique_ptr<detail::task> task, std::string description);
    /// Names that begin with `$` are reserved for the library.
    void add_builtin(std::string_view name, std::unique_ptr<detail::task> task, std::string description);
    void set_fallback(std::unique_ptr<detail::task> task);
    void add_listener(std::string_view topic, std::unique_ptr<detail::task> task);
    void set_any_listener(std::unique_ptr<detail::task> task);
    void freeze() noexcept { frozen_ = true; }
    /// Errors: throws `usage_error(already_running)`.
    void check_not_frozen() const;

    /// The task of that name, else the fallback, else nullptr.
    [[nodiscard]] detail::task* find(std::string_view name) const noexcept;
    /// The handler of that topic, else the one for any topic, else nullptr.
    [[nodiscard]] detail::task* find_listener(std::string_view topic) const noexcept;
    [[nodiscard]] failure unknown(std::string_view name) const;
    [[nodiscard]] std::vector<task_info> list() const;

private:
    struct entry {
        std::unique_ptr<detail::task> task;
        std::string description;
    };
    struct hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>()(text); }
    };

    [[nodiscard]] std::unique_lock<std::mutex> lock_unless_frozen() const;
    void insert(std::string_view name, std::unique_ptr<detail::task> task, std::string description);

    mutable std::mutex mutex_;
    boost::unordered_flat_map<std::string, entry, hash, std::equal_to<>> tasks_;
    boost::unordered_flat_map<std::string, std::unique_ptr<detail::task>, hash, std::equal_to<>> listeners_;
    std::unique_ptr<detail::task> fallback_;
    std::unique_ptr<detail::task> any_listener_;
    bool frozen_ = false;
};

}  // namespace echosocket
