"""Examples of rubrics, scores, vetoes and talks, for the description and the tests; invented."""

from typing import Any

BY = {"account": "77e1…", "name": "测知行", "role": "bureau", "unit": "区教体局"}
WHEN = {"recorded_at": "2026-09-14T12:00:00.120338+08:00", "recorded_by": BY}
ITEMS = [
    {"code": "A1", "title": "家访登记", "points": 10.0, "evidence": "家访登记表"},
    {"code": "A2", "title": "月报按时报送", "points": 5.0, "evidence": "月报提交记录"},
]
GIVEN = [
    {"code": "A1", "points": 8.0, "evidence": "两次家访未登记"},
    {"code": "A2", "points": 5.0},
]
CORRECTED = [{"code": "A1", "points": 9.0, "evidence": "一次家访未登记"}, GIVEN[1]]
TALKED_WITH = [{"name": "测守望", "role": "校长"}]
PROMISE = {"text": "一周内补齐家访登记", "due_on": "2026-09-21", "owner": "测守望"}
SUPERVISION_BODIES: dict[str, dict[str, Any]] = {
    "RubricBody": {
        "title": "控辍保学考评细则",
        "in_force_from": "2026-09-01",
        "items": ITEMS,
    },
    "TalkBody": {
        "school_code": "3141000058",
        "with_whom": TALKED_WITH,
        "held_on": "2026-09-14",
        "reasons": ["两次月报逾期", "督查问题未按期整改"],
        "commitments": [PROMISE],
    },
    "TalkFollowUp": {
        "commitment": 1,
        "occurred_on": "2026-09-14",
        "done": True,
        "evidence": "家访登记表已补齐",
    },
    "VetoDecision": {
        "school_code": "3141000058",
        "period": "2026-2027",
        "veto": False,
        "reason": "两名学生已劝返,学校及时上报",
    },
    "ScoreBody": {
        "school_code": "3141000058",
        "rubric": 1,
        "period": "2026-2027",
        "occurred_on": "2026-09-14",
        "points": GIVEN,
        "note": "现场查看",
    },
    "ScoreCorrection": {"points": CORRECTED, "reason": "复核后少扣一分"},
    "ScoreCommendation": {"commended": True, "reason": "家访扎实,整改及时"},
}
RUBRIC: dict[str, Any] = {
    "id": "1",
    "number": 1,
    "title": "控辍保学考评细则",
    "state": "in_force",
    "state_label": "施行中",
    "in_force_from": "2026-09-01",
    "replaced_from": None,
    "replaces": None,
    "replaced_by": None,
    "points": 15.0,
    "items": ITEMS,
    **WHEN,
}
TALK: dict[str, Any] = {
    "id": "WyIzMTQxMDAwMDU4IiwiMjAyNi0yMDI3IiwxXQ",
    "unit": "3141000058",
    "unit_name": "晴川第58中学",
    "school_year": "2026-2027",
    "entry": 1,
    "held_on": "2026-09-14",
    "with_whom": TALKED_WITH,
    "reasons": ["两次月报逾期", "督查问题未按期整改"],
    "commitments": [
        {
            "commitment": 1,
            **PROMISE,
            "state": "done",
            "state_label": "已落实",
            "follow_ups": [
                {
                    "entry": 2,
                    "occurred_on": "2026-09-14",
                    "done": True,
                    "evidence": "家访登记表已补齐",
                    **WHEN,
                }
            ],
        }
    ],
    "overdue": 0,
    **WHEN,
}
EVIDENCE = {"dropouts": 1, "relapses": 1, "dropouts_before": 0, "relapses_before": 1}
VETO: dict[str, Any] = {
    "school_code": "3141000058",
    "school": "晴川第58中学",
    "township": "晴川镇",
    "period": "2026-2027",
    "period_before": "2025-2026",
    **EVIDENCE,
    "rebounded": True,
    "state": "not_vetoed",
    "state_label": "不予否决",
    "cases": [
        {
            "counts_as": "dropout",
            "student_id": "0b54c1f2-6c1d-4f0e-9a55-2f1f6f2f6f10",
            "status": "dropped_out",
            "status_label": "确认辍学",
            "day": "2026-09-21",
        }
    ],
    "decisions": [
        {
            "entry": 1,
            "veto": False,
            "reason": "两名学生已劝返,学校及时上报",
            "evidence": EVIDENCE,
            "position": 52386,
            "restates": None,
            **WHEN,
        }
    ],
}
SCORE: dict[str, Any] = {
    "id": "WyIzMTQxMDAwMDU4IiwiMjAyNi0yMDI3IiwxXQ",
    "school_code": "3141000058",
    "school": "晴川第58中学",
    "township": "晴川镇",
    "period": "2026-2027",
    "rubric": 1,
    "rubric_title": "控辍保学考评细则",
    "occurred_on": "2026-09-14",
    "inspection": None,
    "entry": 1,
    "points": GIVEN,
    "total": 13.0,
    "out_of": 15.0,
    "note": "现场查看",
    "commended": True,
    "commendation": {"commended": True, "reason": "家访扎实,整改及时", **WHEN},
    **WHEN,
    "versions": [{"entry": 1, "points": GIVEN, "note": "现场查看", "reason": None, **WHEN}],
}
SCORED = {"id": SCORE["id"], "entry": 1, "version": 1, "position": 52387}
SUPERVISION_ANSWERS: dict[str, Any] = {
    "rubric_issued": {"id": "1", "entry": 1, "version": 1, "position": 52386},
    "rubric": RUBRIC,
    "rubrics": {"items": [RUBRIC], "next_cursor": None},
    "talk_held": {**SCORED, "school_year": "2026-2027"},
    "talk_followed_up": {**SCORED, "entry": 2, "version": 2, "follows": 1},
    "talk": TALK,
    "talks": {"items": [TALK], "next_cursor": None},
    "veto_decided": {**SCORED, "id": "WyIzMTQxMDAwMDU4IiwiMjAyNi0yMDI3Il0"},
    "vetoes": {"items": [VETO], "next_cursor": None},
    "score_given": SCORED,
    "score_corrected": {**SCORED, "entry": 2, "version": 2, "corrects": 1},
    "score_commended": {**SCORED, "entry": 3, "version": 3, "commends": 1},
    "score": SCORE,
    "scores": {"items": [SCORE], "next_cursor": None},
}
