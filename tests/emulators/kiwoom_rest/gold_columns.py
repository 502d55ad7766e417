"""The answers about gold: list, fields of the question, single fields, columns of the list."""

from __future__ import annotations

from typing import Final

_KILO: Final = "stk_cd=M04020000"
_DAY: Final = "ord_dt=20250902 mrkt_deal_tp=1 stk_bond_tp=0"
_ORDER: Final = (
    "stk_bond_tp ord_no stk_cd trde_tp io_tp_nm ord_qty ord_uv cnfm_qty data_send_end_tp "
    "mrkt_deal_tp rsrv_tp orig_ord_no stk_nm dcd_tp_nm crd_deal_tp cntr_qty cntr_uv ord_remnq "
    "comm_ord_tp mdfy_cncl_tp dmst_stex_tp cond_uv"
)

GOLD: Final[dict[str, tuple[str, str, str, str]]] = {
    "ka50010": (
        "gold_cntr",
        _KILO,
        "",
        (
            "cntr_pric pred_pre flu_rt trde_qty acc_trde_prica cntr_trde_qty tm pre_sig "
            "pri_sel_bid_unit pri_buy_bid_unit trde_pre trde_tern_rt cntr_str"
        ),
    ),
    "ka50012": (
        "gold_daly_trnsn",
        f"{_KILO} base_dt=20250902",
        "",
        (
            "cur_prc pred_pre flu_rt trde_qty acc_trde_prica open_pric high_pric low_pric dt "
            "pre_sig orgn_netprps for_netprps ind_netprps"
        ),
    ),
    "ka50087": (
        "gold_expt_exec",
        _KILO,
        "",
        (
            "exp_cntr_pric exp_pred_pre exp_flu_rt exp_acc_trde_qty exp_cntr_trde_qty exp_tm "
            "exp_pre_sig stex_tp"
        ),
    ),
    "ka50100": (
        "",
        _KILO,
        (
            "pred_pre_sig pred_pre flu_rt trde_qty open_pric high_pric low_pric pred_rt upl_pric "
            "lst_pric pred_close_pric"
        ),
        "",
    ),
    "ka50101": (
        "gold_bid",
        f"{_KILO} tic_scope=1",
        "",
        (
            "cntr_pric pred_pre flu_rt trde_qty acc_trde_prica cntr_trde_qty tm pre_sig "
            "pri_sel_bid_unit pri_buy_bid_unit trde_pre trde_tern_rt cntr_str lpmmcm_nm_1 stex_tp"
        ),
    ),
    "ka52301": (
        "inve_trad_stat",
        "",
        "",
        (
            "all_dfrt_trst_sell_qty sell_qty_irds all_dfrt_trst_sell_amt sell_amt_irds "
            "all_dfrt_trst_buy_qty buy_qty_irds all_dfrt_trst_buy_amt buy_amt_irds "
            "all_dfrt_trst_netprps_qty netprps_qty_irds all_dfrt_trst_netprps_amt "
            "netprps_amt_irds sell_uv buy_uv stk_nm acc_netprps_amt acc_netprps_qty stk_cd"
        ),
    ),
    "ka50079": (
        "gds_tic_chart_qry",
        f"{_KILO} tic_scope=1 upd_stkpc_tp=1",
        "",
        "cur_prc pred_pre trde_qty open_pric high_pric low_pric cntr_tm dt pred_pre_sig",
    ),
    "ka50080": (
        "gds_min_chart_qry",
        f"{_KILO} tic_scope=1 upd_stkpc_tp=1",
        "",
        (
            "cur_prc pred_pre acc_trde_qty trde_qty open_pric high_pric low_pric cntr_tm dt "
            "pred_pre_sig"
        ),
    ),
    "ka50081": (
        "gds_day_chart_qry",
        f"{_KILO} base_dt=20250902 upd_stkpc_tp=1",
        "",
        "cur_prc acc_trde_qty acc_trde_prica open_pric high_pric low_pric dt pred_pre_sig",
    ),
    **{
        api_id: (
            key,
            f"{_KILO} base_dt=20250902 upd_stkpc_tp=1",
            "",
            "cur_prc acc_trde_qty acc_trde_prica open_pric high_pric low_pric dt",
        )
        for api_id, key in (("ka50082", "gds_week_chart_qry"), ("ka50083", "gds_month_chart_qry"))
    },
    "ka50091": (
        "gds_tic_chart_qry",
        f"{_KILO} tic_scope=1",
        "",
        "cntr_pric pred_pre trde_qty open_pric high_pric low_pric cntr_tm dt pred_pre_sig",
    ),
    "ka50092": (
        "gds_min_chart_qry",
        f"{_KILO} tic_scope=1",
        "",
        (
            "cntr_pric pred_pre acc_trde_qty acc_trde_prica trde_qty open_pric high_pric low_pric "
            "cntr_tm dt pred_pre_sig"
        ),
    ),
    "kt50020": (
        "gold_acnt_evlt_prst",
        "",
        "tot_entr net_entr tot_est_amt net_amt tot_book_amt2 tot_dep_amt paym_alowa pl_amt",
        (
            "stk_cd stk_nm real_qty avg_prc cur_prc est_amt est_lspft est_ratio cmsn vlad_tax "
            "book_amt2 pl_prch_prc qty buy_qty sell_qty able_qty"
        ),
    ),
    "kt50021": (
        "",
        "",
        (
            "entra profa_ch chck_ina_amt etc_loan etc_loan_dlfe etc_loan_tot prsm_entra "
            "buy_exct_amt sell_exct_amt sell_buy_exct_amt dly_amt prsm_pymn_alow_amt "
            "pymn_alow_amt ord_alow_amt"
        ),
        "",
    ),
    "kt50030": ("acnt_ord_cntr_prst", f"{_DAY} slby_tp=0", "", _ORDER),
    "kt50031": (
        "acnt_ord_cntr_prps_dtl",
        "qry_tp=1 stk_bond_tp=0 sell_tp=0 dmst_stex_tp=%",
        "",
        (
            "ord_no stk_cd trde_tp crd_tp ord_qty ord_uv cnfm_qty acpt_tp rsrv_tp ord_tm ori_ord "
            "stk_nm io_tp_nm loan_dt cntr_qty cntr_uv ord_remnq comm_ord_tp mdfy_cncl cnfm_tm "
            "dmst_stex_tp cond_uv"
        ),
    ),
    "kt50032": (
        "gold_trde_hist",
        "tp=0",
        "acnt_print",
        (
            "deal_dt deal_no rmrk_nm deal_qty gold_spot_vat exct_amt dly_sum entra_remn mdia_nm "
            "orig_deal_no stk_nm uv_exrt cmsn uncl_ocr rpym_sum spot_remn proc_time rcpy_no "
            "stk_cd deal_amt tax_tot_amt cntr_dt proc_brch_nm prcsr"
        ),
    ),
    "kt50075": ("acnt_ord_oso_prst", f"{_DAY} sell_tp=0", "", _ORDER),
}
