from llm_analytics_hub.cli.house import IdleWatch


def test_rest_is_noticed_once_after_each_piece_of_work() -> None:
    used = iter([0.0, 4.0, 4.1, 4.2, 9.0, 9.1])
    watch = IdleWatch(lambda: next(used))
    looks = [watch.came_to_rest(5) for _ in range(5)]
    assert looks == [False, True, False, False, True]


def test_little_work_leaves_nothing_to_give_back() -> None:
    used = iter([0.1, 0.2, 0.3])
    watch = IdleWatch(lambda: next(used))
    assert [watch.came_to_rest(5) for _ in range(2)] == [False, False]
