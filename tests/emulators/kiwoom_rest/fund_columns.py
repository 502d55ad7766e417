"""The answers about funds: list, fields of the question, single fields, columns of the list."""

from __future__ import annotations

from typing import Final

FUNDS: Final[dict[str, tuple[str, str, str, str]]] = {
    "ka40001": (
        "etfprft_rt_lst",
        "stk_cd=Z90010 etfobjt_idex_cd=207 dt=3",
        "",
        "etfprft_rt cntr_prft_rt for_netprps_qty orgn_netprps_qty",
    ),
    "ka40002": (
        "",
        "stk_cd=Z90010",
        "stk_nm etfobjt_idex_nm wonju_pric etftxon_type etntxon_type",
        "",
    ),
    "ka40003": (
        "etfdaly_trnsn",
        "stk_cd=Z90010",
        "",
        (
            "cntr_dt cur_prc pre_sig pred_pre pre_rt trde_qty nav acc_trde_prica "
            "navidex_dispty_rt navetfdispty_rt trace_eor_rt trace_cur_prc trace_pred_pre "
            "trace_pre_sig"
        ),
    ),
    "ka40004": (
        "etfall_mrpr",
        "txon_type=0 navpre=0 mngmcomp=0000 txon_yn=0 trace_idex=0 stex_tp=1",
        "",
        (
            "stk_cd stk_cls stk_nm close_pric pre_sig pred_pre pre_rt trde_qty nav "
            "trace_eor_rt txbs dvid_bf_base pred_dvida trace_idex_nm drng trace_idex_cd "
            "trace_idex trace_flu_rt"
        ),
    ),
    "ka40006": (
        "etftisl_trnsn",
        "stk_cd=Z90010",
        "stk_nm etfobjt_idex_nm wonju_pric etftxon_type etntxon_type",
        (
            "tm close_pric pre_sig pred_pre flu_rt trde_qty nav trde_prica navidex navetf "
            "trace trace_idex trace_idex_pred_pre trace_idex_pred_pre_sig"
        ),
    ),
    "ka40007": (
        "etftisl_cntr_array",
        "stk_cd=Z90010",
        "stk_cls stk_nm etfobjt_idex_nm etfobjt_idex_cd objt_idex_pre_rt wonju_pric",
        "cntr_tm cur_prc pre_sig pred_pre trde_qty stex_tp",
    ),
    "ka40008": (
        "etfnetprps_qty_array",
        "stk_cd=Z90010",
        "cntr_tm cur_prc pre_sig pred_pre trde_qty",
        "dt cur_prc_n pre_sig_n pred_pre_n acc_trde_qty for_netprps_qty orgn_netprps_qty",
    ),
    "ka40009": (
        "etfnavarray",
        "stk_cd=Z90010",
        "",
        (
            "nav navpred_pre navflu_rt trace_eor_rt dispty_rt stkcnt base_pric for_rmnd_qty "
            "repl_pric conv_pric drstk wonju_pric"
        ),
    ),
    "ka40010": (
        "etftisl_trnsn",
        "stk_cd=Z90010",
        "",
        "cur_prc pre_sig pred_pre trde_qty for_netprps",
    ),
}
